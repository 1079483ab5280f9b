-- service_outcome: one row per service, provider, kind of service or client group, and one for all, over all referrals up to the business date and
-- over those of each financial year. A start is of the year of its referral, so that who was re-arrested is among those who started; where its day is
-- not known, of no year.
-- Re-arrest of completers stands beside that of all who started. It is not what the service did: whoever stays to the end differs from whoever
-- does not in more than the service, and no comparison here takes that off.
with referral as (
    select
        services.service_by, services.service_group, span.period_kind, span.period_start,
        count(*) as n_referred,
        count(distinct person_key) as n_people,
        count(*) filter (where status = 'started') as n_started,
        {%- for result in ('completed', 'partly', 'dropped_out', 'open') %}
        count(*) filter (where result = '{{ result }}') as n_{{ result }},
        {%- endfor %}
        count(*) filter (where result in ('completed', 'partly', 'dropped_out')) as n_ended,
        count(*) filter (where status = 'started' and unit_cost is null) as n_without_unit_cost,
        case when count(distinct service_code) = 1 and min(unit_cost) = max(unit_cost) then min(unit_cost) end as unit_cost,
        sum(unit_cost) filter (where status = 'started') as cost_of_starts,
        sum(unit_cost) filter (where result in ('completed', 'partly', 'dropped_out')) as cost_of_ended,
        count(*) filter (where result in ('completed', 'partly', 'dropped_out') and unit_cost is null) as n_ended_without_unit_cost
    from {{ ref('int_services__referral') }} as referral
    {{ services_grouped('referral') }}
    {{ referred_in('referral') }}
    group by services.service_by, services.service_group, span.period_kind, span.period_start
),

followed as (
    select
        services.service_by, services.service_group, span.period_kind, span.period_start,
        count(*) filter (where is_followed) as n_starters,
        count(distinct person_key) filter (where is_followed) as n_people_followed,
        count(*) filter (where is_followed and is_rearrested) as n_starters_rearrested,
        count(*) filter (where is_followed and is_completed) as n_completers,
        count(*) filter (where is_followed and is_completed and is_rearrested) as n_completers_rearrested,
        count(*) filter (where not is_followed) as n_not_followed
    from {{ ref('int_services__start') }} as started
    {{ services_grouped('started') }}
    {{ referred_in('started') }}
    group by services.service_by, services.service_group, span.period_kind, span.period_start
)

select
    referral.service_by,
    referral.service_group,
    referral.period_kind,
    nullif(referral.period_start, '-infinity') as period_start,
    case referral.period_kind when 'all' then {{ today() }} else least({{ months_after('referral.period_start', 12) }} - 1, {{ today() }}) end as period_end,
    referral.n_referred,
    referral.n_people,
    referral.n_started,
    referral.n_completed,
    referral.n_partly,
    referral.n_dropped_out,
    referral.n_open,
    referral.n_completed::numeric / nullif(referral.n_ended, 0) as completion,
    completion.low as completion_low,
    completion.high as completion_high,
    referral.unit_cost,
    referral.cost_of_starts,
    referral.n_without_unit_cost,
    case when referral.n_ended_without_unit_cost = 0 then referral.cost_of_ended / nullif(referral.n_completed, 0) end as cost_per_completion,
    coalesce(followed.n_starters, 0) as n_starters_followed,
    coalesce(followed.n_people_followed, 0) as n_people_followed,
    coalesce(followed.n_starters_rearrested, 0) as n_starters_rearrested,
    followed.n_starters_rearrested::numeric / nullif(followed.n_starters, 0) as starters_rearrested_share,
    starters.low as starters_low,
    starters.high as starters_high,
    coalesce(followed.n_completers, 0) as n_completers_followed,
    coalesce(followed.n_completers_rearrested, 0) as n_completers_rearrested,
    followed.n_completers_rearrested::numeric / nullif(followed.n_completers, 0) as completers_rearrested_share,
    completers.low as completers_low,
    completers.high as completers_high,
    coalesce(followed.n_not_followed, 0) as n_not_followed,
    'not_an_effect' as caution,
    hub.data_cut,
    police.data_cut as police_data_cut
from referral
left join followed using (service_by, service_group, period_kind, period_start)
cross join {{ reach_of(['hub']) }} as hub
cross join {{ reach_of(['police']) }} as police
cross join lateral statistics.wilson_interval(referral.n_completed, referral.n_ended) as completion
left join lateral statistics.wilson_interval(followed.n_starters_rearrested, followed.n_starters) as starters on true
left join lateral statistics.wilson_interval(followed.n_completers_rearrested, followed.n_completers) as completers on true

-- service_access: one row per quarter of referral, way of grouping services, services, area and group of people.
-- The waits are of those that started; who is still waiting stands beside with how long already, since the longest waits are among them: up to the
-- day that the hub's data reach to, since who started later is not known yet.
with counted as (
    select
        period.period_start, period.period_end, period.last_day, services.service_by, services.service_group,
        split.area_level, split.area, split.group_by, split.group_value,
        count(*) as n_referred,
        count(distinct referral.person_key) as n_people,
        count(*) filter (where referral.status = 'started') as n_started,
        count(*) filter (where referral.status = 'waiting') as n_waiting,
        count(*) filter (where referral.status = 'never_started') as n_never_started,
        count(distinct referral.person_key) filter (where referral.status = 'started') as n_people_started,
        count(distinct referral.person_key) filter (where referral.status = 'waiting') as n_people_waiting,
        count(distinct referral.person_key) filter (where referral.status = 'never_started') as n_people_never_started,
        count(distinct referral.person_key) filter (where referral.result = 'completed') as n_people_completed,
        count(distinct referral.person_key) filter (where referral.result in ('completed', 'partly', 'dropped_out')) as n_people_ended,
        count(referral.days_waited) as n_wait_known,
        percentile_cont(0.5) within group (order by referral.days_waited) as median_days_waited,
        percentile_cont(0.9) within group (order by referral.days_waited) as ninetieth_centile_days_waited,
        percentile_cont(0.5) within group (order by greatest(0, reach.data_cut - referral.referred_on)) filter (where referral.status = 'waiting') as median_days_waiting,
        max(greatest(0, reach.data_cut - referral.referred_on)) filter (where referral.status = 'waiting') as longest_days_waiting,
        {%- for result in ('completed', 'partly', 'dropped_out', 'open', 'unknown') %}
        count(*) filter (where referral.result = '{{ result }}') as n_{{ result if result != 'unknown' else 'end_unknown' }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_services__referral') }} as referral
    cross join {{ reach_of(['hub']) }} as reach
    {{ in_period('referral.referred_on') }}
    cross join lateral (
        values
        ('all', 'all'), ('service', coalesce(referral.service_code, 'unknown')), ('service_type', referral.service_type),
        ('pathway', referral.pathway), ('provider', referral.provider), ('route', coalesce(referral.referral_route, 'unknown'))
    ) as services (service_by, service_group)
    {{ counted_in([['district', 'referral.district']], [['sex', 'referral.sex'], ['gp', 'referral.gp']]) }}
    group by
        period.period_start, period.period_end, period.last_day, services.service_by, services.service_group,
        split.area_level, split.area, split.group_by, split.group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.service_by,
    counted.service_group,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_referred,
    counted.n_people,
    counted.n_started,
    counted.n_waiting,
    counted.n_never_started,
    counted.n_people_started,
    counted.n_people_waiting,
    counted.n_people_never_started,
    counted.n_people_completed,
    counted.n_people_ended,
    counted.n_wait_known,
    counted.median_days_waited,
    counted.ninetieth_centile_days_waited,
    counted.median_days_waiting,
    counted.longest_days_waiting,
    counted.n_completed,
    counted.n_partly,
    counted.n_dropped_out,
    counted.n_open,
    counted.n_end_unknown,
    counted.n_completed::numeric / nullif(counted.n_completed + counted.n_partly + counted.n_dropped_out, 0) as completion,
    wilson.low as ci_low,
    wilson.high as ci_high,
    case when counted.last_day <= reach.data_cut and counted.n_waiting + counted.n_open = 0 then 'final' else 'provisional' end as status,
    reach.data_cut
from counted
cross join {{ reach_of(['hub']) }} as reach
cross join lateral statistics.wilson_interval(
    counted.n_completed, counted.n_completed + counted.n_partly + counted.n_dropped_out
) as wilson

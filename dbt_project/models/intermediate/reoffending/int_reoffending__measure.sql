-- int_reoffending__measure: one row per version of a measure in force, with the cohort version it counts and the day its data reach to.
-- A measure names a cohort without a version: it counts the newest version in force. Data reach to the business date, or to the last
-- delivery of the feed that the events come from where that is older; on the clock at_liberty also of the prison's, without which nobody knows
-- who was free. Where no prison ever delivered, nobody is known to be inside. Of a feed that never delivered nobody is known to have no event: such a
-- measure leaves everybody out (`lacks_feed`), and is never final. `lacks_people` says that a feed which tells who the cohort has does not reach to
-- the day of its freeze or the last of its window, or, where this has none, to that of the events: people are missing, and a nought may be theirs.
-- Beside the feed of the event of entry or of the list that is the hub where the cohort asks for a scheme, a strand or a family, and probation where it
-- asks who is supervised by law.
{%- set told_by = {
    'release': 'prison', 'sentence': 'police', 'caution': 'police', 'order_start': 'probation', 'quarter_end_order': 'probation',
    'assessment': 'probation', 'joined': 'hub', 'dip_episode': 'dip', 'frozen list': 'hub', 'frozen list of orders': 'probation',
    'scheme': 'hub', 'status': 'probation',
} %}
with cohort as (
    select distinct on (cohort_id) *, case kind when 'static' then frozen_on else index_to end as last_on
    from {{ ref('stg_reference__cohorts') }}
    order by cohort_id, effective_from desc, length(version) desc, version desc
),

delivered as (
    select feed, business_date from {{ source('audit', 'build_vintage') }} where build_id = {{ var('build_id') | int }}
)

select
    measure.measure_id,
    measure.version as measure_version,
    measure.cohort_id,
    cohort.version as cohort_version,
    cohort.kind as cohort_kind,
    cohort.frozen_on,
    cohort.index_from,
    cohort.index_to,
    cohort.exclude_in_custody_beyond,
    coalesce(cohort.require_baseline_event, false) as require_baseline_event,
    cohort.comparison_cohort,
    cohort.match_on,
    cohort.comparison_cohort is not null or cohort.cohort_id in (
        select compared.comparison_cohort from cohort as compared where compared.comparison_cohort is not null
    ) as is_matched,
    measure.event_kind,
    coalesce(measure.count_unit, 'offence') as count_unit,
    coalesce(measure.date_basis, 'offence') as date_basis,
    measure.offence_set,
    coalesce(measure.exclude_breach, false) and measure.event_kind <> 'breach' as exclude_breach,
    measure.baseline_from,
    measure.baseline_to,
    measure.follow_up_from,
    measure.follow_up_to,
    measure.follow_up_days,
    measure.follow_up_months,
    measure.horizons,
    measure.follow_up_from is not null and measure.follow_up_to is not null as has_fixed_window,
    coalesce(measure.clock, 'calendar') as clock,
    coalesce(measure.index_day_counts, false) as index_day_counts,
    nullif(measure.waiting_months, 0) as waiting_months,
    greatest(measure.waiting_months, coalesce(measure.maturity_months, {{ months_until_final() }})) as final_after_months,
    coalesce(measure.comparison, 'none') as comparison,
    measure.target_pct,
    coalesce(measure.period, 'none') as period,
    coalesce(measure.group_by, '{}') as group_by,
    source.feed = 'police' as counts_police_records,
    delivered.business_date is null as lacks_feed,
    people.business_date is null or coalesce(people.business_date < upto.last_on and upto.last_on <= reach.data_cut, false) as lacks_people,
    reach.data_cut
from {{ ref('stg_reference__measures') }} as measure
inner join cohort using (cohort_id)
cross join lateral (
    select case
        when measure.event_kind like 'custody_return%' then 'prison'
        when measure.event_kind = 'breach' then 'probation'
        else 'police'
    end as feed
) as source
left join delivered using (feed)
cross join lateral (
    select least(
        {{ today() }},
        delivered.business_date,
        case when measure.clock = 'at_liberty' then (select custody.business_date from delivered as custody where custody.feed = 'prison') end
    ) as data_cut
) as reach
cross join lateral (select coalesce(cohort.last_on, reach.data_cut) as last_on) as upto
cross join lateral (
    select case when bool_and(told.business_date is not null) then min(told.business_date) end as business_date
    from unnest(
        coalesce(cohort.index_event, array[case when cohort.order_types is null then 'frozen list' else 'frozen list of orders' end])
        || case when num_nonnulls(cohort.schemes, cohort.strand, cohort.troubled_family) > 0 then 'scheme' end
        || case when cohort.statutory is not null then 'status' end
    ) as entry (told_as)
    inner join (
        values {% for event, feed in told_by.items() %}('{{ event }}', '{{ feed }}'){{ ', ' if not loop.last }}{% endfor %}
    ) as source_of (told_as, feed) using (told_as)
    left join delivered as told on told.feed = source_of.feed
) as people

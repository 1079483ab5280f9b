-- break_even: one row per year of the programme, measure version that follows a cohort through that year, estimate and multiplier.
-- The mix of crimes is the cohort's own, in the baseline. What a programme costs is set beside what so many crimes cost: how many of them would
-- have to be avoided, if avoiding them were its doing, for both to be equal. Without a crime in the baseline there is no mix, and no number.
-- A programme that costs less than what it took the place of need not avoid any: 0, and the findings say why.
with costed as (
    select
        cost.measure_id, cost.measure_version,
        sum(cost.n_events) as n_events,
        sum(cost.n_events) filter (where cost.offence_set is not null) as n_events_costed,
        string_agg(cost.offence_without_cost || '=' || cost.n_events, '; ' order by cost.offence_without_cost) as offences_without_cost,
        min(cost.price_year) as price_year,
        min(cost.price_year) = max(cost.price_year) as is_one_price_year,
        {{ least_confidence('cost.confidence') }} as confidence,
        {%- for estimate in ['low', 'central', 'high'] %}
        case when bool_and(cost.offence_set is null or cost.cost_{{ estimate }} is not null) then sum(cost.cost_{{ estimate }}) end
            as cost_{{ estimate }},
        {%- endfor %}
        max(period.baseline_share) as baseline_share
    from {{ ref('offence_cost') }} as cost
    inner join {{ ref('int_reoffending__period') }} as period using (measure_id, measure_version, period_number)
    where cost.role = 'baseline' and period.has_fixed_window and period.period_before = period.follow_up_to + 1
    group by cost.measure_id, cost.measure_version
),

of_person as (
    select
        event.measure_id, event.measure_version, event.person_key,
        count(*) as n_events,
        count(cost.offence_set) as n_events_costed,
        sum(cost.central) as cost
    from {{ ref('int_cost__event') }} as event
    inner join {{ ref('int_reoffending__period') }} as period using (measure_id, measure_version, period_number)
    left join {{ ref('int_cost__offence_cost') }} as cost on {{ same_offence('cost', 'event') }}
    where event.role = 'baseline' and period.has_fixed_window and period.period_before = period.follow_up_to + 1
    group by event.measure_id, event.measure_version, event.person_key
),

behind as (
    select
        measure_id, measure_version,
        count(*) as n_people_with_event,
        max(n_events) as most_events,
        count(*) filter (where n_events_costed > 0) as n_people_with_cost,
        max(n_events_costed) as most_events_with_cost,
        count(*) filter (where n_events > n_events_costed) as n_people_without_cost,
        max(n_events - n_events_costed) as most_events_without_cost,
        max(cost) as cost_of_one_person
    from of_person
    group by measure_id, measure_version
),

newest as (
    select year, index from {{ ref('stg_reference__deflators') }} order by year desc limit 1
),

programme as (
    select
        programme.year, programme.year_from, programme.year_before, programme.multipliers,
        {{ deflated('programme.additional_cost', 'of_year.index', 'newest.index') }} as additional_cost,
        case when of_year.index > 0 then newest.year else programme.year end as price_year
    from {{ ref('int_cost__programme_year') }} as programme
    left join {{ ref('stg_reference__deflators') }} as of_year using (year)
    left join newest on true
),

listed as (
    select
        programme.*, measure.measure_id, measure.measure_version, measure.data_cut, estimate.estimate, multiplier.multiplier,
        costed.measure_id is not null as has_baseline_crime,
        coalesce(costed.n_events, 0)::bigint as n_events,
        coalesce(costed.n_events_costed, 0)::bigint as n_events_costed,
        coalesce(costed.n_events * costed.baseline_share, 0) as expected_crimes,
        coalesce(costed.n_events_costed * costed.baseline_share, 0) as expected_crimes_costed,
        costed.offences_without_cost,
        estimate.cost / nullif(costed.n_events_costed, 0) as average_unit_cost,
        costed.price_year as unit_cost_price_year, costed.is_one_price_year, costed.confidence
    from programme
    inner join {{ ref('int_reoffending__measure') }} as measure
        on measure.follow_up_from = programme.year_from
        and measure.follow_up_to = programme.year_before - 1
        and measure.comparison in ('pro_rata_baseline', 'same_months_prior_year')
        and measure.event_kind in ({{ kinds_with_cost() }})
    left join costed using (measure_id, measure_version)
    cross join lateral (
        values ('low', costed.cost_low), ('central', costed.cost_central), ('high', costed.cost_high)
    ) as estimate (estimate, cost)
    cross join lateral (select 1 as multiplier union select unnest(programme.multipliers)) as multiplier
),

broken_even as (
    select *, greatest(additional_cost, 0) / nullif(multiplier * average_unit_cost, 0) as break_even_crimes from listed
)

select
    broken_even.year, broken_even.measure_id, broken_even.measure_version, broken_even.estimate, broken_even.multiplier,
    broken_even.additional_cost, broken_even.price_year, broken_even.average_unit_cost, broken_even.unit_cost_price_year,
    coalesce(counts.n_people, 0) as n_people,
    broken_even.n_events, broken_even.n_events_costed,
    coalesce(behind.n_people_with_event, 0) as n_people_with_event,
    coalesce(behind.most_events, 0) as most_events,
    coalesce(behind.n_people_with_cost, 0) as n_people_with_cost,
    coalesce(behind.most_events_with_cost, 0) as most_events_with_cost,
    coalesce(behind.n_people_without_cost, 0) as n_people_without_cost,
    coalesce(behind.most_events_without_cost, 0) as most_events_without_cost,
    behind.cost_of_one_person,
    broken_even.expected_crimes, broken_even.expected_crimes_costed, broken_even.offences_without_cost,
    broken_even.break_even_crimes,
    broken_even.break_even_crimes / nullif(counts.n_people, 0) as break_even_per_person,
    100 * broken_even.break_even_crimes / nullif(broken_even.expected_crimes_costed, 0) as break_even_pct_of_expected,
    broken_even.confidence,
    nullif(concat_ws('; ',
        case when broken_even.additional_cost is null then 'cost_not_complete' end,
        case when broken_even.additional_cost <= 0 then 'costs_no_more' end,
        case when not broken_even.has_baseline_crime then 'no_baseline_crime' end,
        case when broken_even.has_baseline_crime and broken_even.average_unit_cost is null then 'no_' || broken_even.estimate || '_unit_cost' end,
        case
            when broken_even.average_unit_cost is not null
                and (not broken_even.is_one_price_year or broken_even.unit_cost_price_year <> broken_even.price_year)
                then 'price_years_differ'
        end,
        case when broken_even.break_even_crimes > broken_even.expected_crimes_costed then 'more_than_expected_crimes' end
    ), '') as findings,
    broken_even.data_cut
from broken_even
left join behind using (measure_id, measure_version)
left join {{ ref('int_reoffending__counts') }} as counts  -- of an empty cohort there are none
    on counts.measure_id = broken_even.measure_id
    and counts.measure_version = broken_even.measure_version
    and counts.period_number = 1
    and counts.group_by = 'all'

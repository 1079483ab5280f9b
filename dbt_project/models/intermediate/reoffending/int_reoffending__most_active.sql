-- int_reoffending__most_active: one row per measure version, group and period or horizon, with the share of the events that few people have.
-- Ranked by their own events in the follow-up, then by what was expected of them. What is left without them shows how far one or two people move a figure.
-- Where a cohort takes people again, a person is ranked by the events of all their entries, and goes with all of them.
with entered_again as (
    select
        grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value, outcome.person_key,
        sum(outcome.event_count) as event_count,
        sum(outcome.expected_count) as expected_count
    from {{ ref('int_reoffending__measure') }} as measure
    inner join {{ ref('stg_reference__cohorts') }} as cohort on cohort.cohort_id = measure.cohort_id and cohort.version = measure.cohort_version
    inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version)
    inner join {{ ref('int_reoffending__outcome') }} as outcome using (measure_id, measure_version, person_key, index_on)
    where not outcome.is_excluded and cohort.pick <> 'first'
    group by grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value, outcome.person_key
    having count(*) > 1
),

ranked as (
    select
        grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value,
        outcome.event_count,
        outcome.expected_count,
        -- of a few days in freedom a year cannot be told
        case when outcome.days_at_liberty >= 30 then 365.0 * outcome.event_count / outcome.days_at_liberty end as events_per_year,
        dense_rank() over (
            partition by grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value
            order by
                coalesce(entered_again.event_count, outcome.event_count) desc,
                coalesce(entered_again.expected_count, outcome.expected_count) desc nulls last,
                outcome.person_key
        ) as place
    from {{ ref('int_reoffending__outcome') }} as outcome
    inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, person_key, index_on)
    left join entered_again
        on entered_again.person_key = outcome.person_key
        and entered_again.measure_id = grouped.measure_id
        and entered_again.measure_version = grouped.measure_version
        and entered_again.period_number = outcome.period_number
        and entered_again.group_by = grouped.group_by
        and entered_again.group_value = grouped.group_value
    where not outcome.is_excluded
)

select
    measure_id, measure_version, period_number, group_by, group_value,
    sum(event_count) as member_events,
    percentile_cont(0.5) within group (order by event_count) as median_events,
    percentile_cont(0.9) within group (order by event_count) as ninetieth_centile_events,
    count(events_per_year) as people_at_liberty,
    percentile_cont(0.5) within group (order by events_per_year) as median_per_year_at_liberty,
    percentile_cont(0.9) within group (order by events_per_year) as ninetieth_centile_per_year_at_liberty,
    {%- for few in (1, 2) %}
    sum(event_count) filter (where place > {{ few }}) as events_without_{{ few }},
    count(*) filter (where place > {{ few }} and event_count > 0) as people_with_event_without_{{ few }},
    sum(expected_count) filter (where place > {{ few }}) as expected_without_{{ few }},
    count(*) filter (where place > {{ few }}) as people_without_{{ few }}{{ ',' if not loop.last }}
    {%- endfor %}
from ranked
group by measure_id, measure_version, period_number, group_by, group_value

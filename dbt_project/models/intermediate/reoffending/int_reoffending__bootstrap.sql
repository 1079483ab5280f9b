-- int_reoffending__bootstrap: one row per measure version of up to 5,000 people, and group, at its last period or horizon, with an interval that
-- draws whole people. A few people commit many of the offences, so offences are not independent and Poisson intervals are too narrow. Ratio of
-- events to what was expected where there is a baseline, events per person otherwise.
with last_period as (
    select measure_id, measure_version, max(period_number) as period_number
    from {{ ref('int_reoffending__period') }}
    group by measure_id, measure_version
),

small as (
    select counts.measure_id, counts.measure_version, counts.period_number
    from {{ ref('int_reoffending__counts') }} as counts
    inner join last_period using (measure_id, measure_version, period_number)
    where counts.group_by = 'all' and counts.n_people between 1 and 5000
),

drawn as (
    select
        {{ figure_key('outcome') }},
        array_agg(outcome.person_key order by outcome.person_key, outcome.index_on) as people,
        array_agg(outcome.event_count::double precision order by outcome.person_key, outcome.index_on) as events,
        array_agg(
            case when outcome.baseline_count is null then 1 else outcome.expected_count end::double precision
            order by outcome.person_key, outcome.index_on
        ) as beside
    from {{ ref('int_reoffending__grouped_outcome') }} as outcome
    inner join small using (measure_id, measure_version, period_number)
    where not outcome.is_excluded
    group by {{ figure_key('outcome') }}
)

select
    drawn.measure_id, drawn.measure_version, drawn.period_number, drawn.group_by, drawn.group_value,
    interval_of.low, interval_of.high
from drawn
cross join lateral statistics.bootstrap_interval(drawn.people, drawn.events, drawn.beside) as interval_of

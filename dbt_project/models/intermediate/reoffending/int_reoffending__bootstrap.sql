-- int_reoffending__bootstrap: one row per measure version of up to 5,000 people, and group, at its last period or horizon, with an interval that
-- draws whole people. A few people commit many of the offences, so offences are not independent and Poisson intervals are too narrow. Ratio of
-- events to what was expected where there is a baseline, events per person otherwise. People are drawn by their keys, not by chance: of the same
-- counts come the same intervals, so that of the figures that did not change, by the digest of all that is drawn from, those of the last build stay.
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
),

known as (
    {%- if is_since_a_build() %}
    select {{ figure_key() }}, drawn_from, low, high from {{ this }}
    {%- else %}
    select {{ figure_key('drawn') }}, null::uuid as drawn_from, null::double precision as low, null::double precision as high from drawn where false
    {%- endif %}
)

select {{ figure_key('drawn') }}, digest.drawn_from, interval_of.low, interval_of.high
from drawn
cross join lateral (select md5(concat_ws(' ', drawn.people, drawn.events, drawn.beside))::uuid as drawn_from) as digest
left join known
    on known.measure_id = drawn.measure_id
    and known.measure_version = drawn.measure_version
    and known.period_number = drawn.period_number
    and known.group_by = drawn.group_by
    and known.group_value = drawn.group_value
    and known.drawn_from = digest.drawn_from
cross join lateral (
    select known.low, known.high where known.drawn_from is not null
    union all
    select drawn_anew.* from statistics.bootstrap_interval(drawn.people, drawn.events, drawn.beside) as drawn_anew where known.drawn_from is null
) as interval_of

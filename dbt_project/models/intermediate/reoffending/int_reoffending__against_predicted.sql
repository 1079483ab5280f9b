-- int_reoffending__against_predicted: one row per measure version set beside predictions, group and period or horizon, with the variance of the sum.
-- A person who enters a cohort several times has records that go together: clustered_variance squares the sum of the person's own differences,
-- and is the one to report then.
with person as (
    select
        {{ figure_key('outcome') }}, outcome.person_key,
        count(*) as record_count,
        sum((outcome.event_count > 0)::integer) as observed,
        sum(outcome.expected_count) as expected,
        sum(outcome.expected_count * (1 - outcome.expected_count)) as variance
    from {{ ref('int_reoffending__grouped_outcome') }} as outcome
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    where measure.comparison = 'expected' and not outcome.is_excluded
    group by {{ figure_key('outcome') }}, outcome.person_key
)

select
    {{ figure_key() }},
    sum(observed)::double precision as observed,
    sum(expected)::double precision as expected,
    sum(variance)::double precision as variance,
    sum(power(observed - expected, 2))::double precision as clustered_variance,
    case when max(record_count) > 1 then sum(power(observed - expected, 2)) else sum(variance) end::double precision as reported_variance
from person
group by {{ figure_key() }}

-- int_needs__release_group: one row per release, period it is counted in, and group of people and sentences that it is counted in.
-- Releases that have come belong to the quarter of the day of release; those to come are one period, from the business date on.
with period as (
    select 'released' as kind, period_start, period_end, last_day <= {{ today() }} as is_over
    from {{ ref('int_periods__period') }}
    where period_kind = 'quarter'
    union all
    select 'due', {{ today() }}, {{ today() }} + 90, true
)

select
    release.person_key, release.booking_ref, release.kind, release.accommodation,
    period.period_start, period.period_end, period.is_over,
    population.population, sentence.sentence_group,
    split.area_level, split.area, split.group_by, split.group_value
from {{ ref('int_needs__release') }} as release
inner join period
    on period.kind = release.kind
    and period.period_start = case release.kind when 'released' then date_trunc('quarter', release.release_on)::date else {{ today() }} end
cross join lateral (
    select 'everybody' as population
    union all
    select 'managed' where release.is_managed
) as population
cross join lateral (values ('all'), (release.sentence_group)) as sentence (sentence_group)
{{ counted_in([['district', 'release.home_district']], [['sex', 'release.sex']]) }}

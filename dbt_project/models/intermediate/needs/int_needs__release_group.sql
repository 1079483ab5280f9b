-- int_needs__release_group: one row per sort of release that occurs, and group of people and sentences that releases of the sort are counted in.
-- A sort is what releases have in common that are counted in the same groups; there are few, so what is counted is counted by sort first.
with sort as (
    select distinct release_sort, kind, period_start, is_managed, sentence_length, home_district, sex from {{ ref('int_needs__release') }}
),

period as (
    select 'released' as kind, period_start, period_end, last_day <= {{ today() }} as is_over
    from {{ ref('int_periods__period') }}
    where period_kind = 'quarter'
    union all
    select 'due', {{ today() }}, {{ today() }} + 90, true
)

select
    sort.release_sort,
    sort.kind, period.period_start, period.period_end, period.is_over,
    population.population, sentence.sentence_group,
    split.area_level, split.area, split.group_by, split.group_value,
    row(
        sort.kind, sort.period_start, population.population, sentence.sentence_group,
        split.area_level, split.area, split.group_by, split.group_value
    )::text as release_group  -- all that names the group, as one text too
from sort
inner join period using (kind, period_start)
cross join lateral (
    select 'everybody' as population
    union all
    select 'managed' where sort.is_managed
) as population
cross join lateral (values ('all'), (sort.sentence_length)) as sentence (sentence_group)
{{ counted_in([['district', 'sort.home_district']], [['sex', 'sort.sex']]) }}

-- int_needs__population: one row per day that needs are compared on, population, area, group and person counted in it; groups are numbered.
-- A scheme is its caseload on the day, with age of that day; a cohort is everybody who ever entered it, on the business date only, with area,
-- sex and age as frozen on entry: whoever entered twice with different ones stands in both groups, and once in all.
with cohort as (
    select distinct
        cohort.cohort_id, cohort.cohort_version, cohort.person_key,
        split.area_level, split.area, split.group_by, split.group_value
    from {{ ref('int_reoffending__cohort_member') }} as cohort
    {{ counted_in([['division', 'cohort.division'], ['district', 'cohort.district']], [['sex', 'cohort.sex'], ['age_band', 'cohort.age_band']]) }}
),

counted as (
    select
        member.as_on,
        'scheme' as population_kind,
        member.scheme as population_id,
        null as population_version,
        member.area_level,
        member.area,
        split.group_by,
        split.group_value,
        member.person_key
    from {{ ref('int_caseload__on_day') }} as member
    inner join {{ ref('int_needs__day') }} as day using (as_on)
    inner join {{ ref('int_caseload__person_on_day') }} as person using (as_on, person_key)
    cross join lateral (
        values ('all', 'all'), ('sex', person.sex), ('age_band', person.age_band)
    ) as split (group_by, group_value)
    where split.group_by = 'all' or member.area_level = 'all'

    union all

    select
        {{ today() }}, 'cohort', cohort_id, cohort_version, area_level, area, group_by, group_value, person_key
    from cohort
)

select
    *,
    dense_rank() over (
        order by as_on, population_kind, population_id, population_version, area_level, area, group_by, group_value
    ) as group_number
from counted

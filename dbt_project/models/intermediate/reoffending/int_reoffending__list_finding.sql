-- int_reoffending__list_finding: one row per measure version of a static cohort and group, with how many of the people counted were put on the
-- list by later deliveries, and in the group all how many these took off it.
with listed_later as (
    select grouped.measure_id, grouped.measure_version, grouped.group_by, grouped.group_value, count(*) as n_people
    from {{ ref('int_reoffending__measure') }} as measure
    inner join {{ ref('int_reoffending__list_change') }} as changed
        on changed.cohort_id = measure.cohort_id and changed.cohort_version = measure.cohort_version and changed.is_listed_later
    inner join {{ ref('int_reoffending__group') }} as grouped
        on grouped.measure_id = measure.measure_id
        and grouped.measure_version = measure.measure_version
        and grouped.person_key = changed.person_key
    where not exists (
        select from {{ ref('int_reoffending__exclusions') }} as excluded where {{ same_member('excluded', 'grouped') }}
    )
    group by grouped.measure_id, grouped.measure_version, grouped.group_by, grouped.group_value
),

taken_off as (
    select measure.measure_id, measure.measure_version, 'all' as group_by, 'all' as group_value, count(*) as n_people
    from {{ ref('int_reoffending__measure') }} as measure
    inner join {{ ref('int_reoffending__list_change') }} as changed
        on changed.cohort_id = measure.cohort_id and changed.cohort_version = measure.cohort_version and not changed.is_listed_later
    group by measure.measure_id, measure.measure_version
)

select
    measure_id, measure_version, group_by, group_value,
    concat_ws('; ', 'listed_later=' || listed_later.n_people, 'taken_off_later=' || taken_off.n_people) as findings
from listed_later
full join taken_off using (measure_id, measure_version, group_by, group_value)

-- cohort_exclusion: one row per measure version, group and reason for which members of its cohort are left out of the measure.
-- A person with two reasons stands under both, so the rows are not added up; only_reason_count says for how many it was the only one.
with excluded as (
    select
        measure_id, measure_version, person_key, index_on, reason,
        count(*) over (partition by measure_id, measure_version, person_key, index_on) as reason_count
    from {{ ref('int_reoffending__exclusions') }}
),

member as (
    select measure_id, measure_version, group_by, group_value, count(*) as n_members
    from {{ ref('int_reoffending__group') }}
    group by measure_id, measure_version, group_by, group_value
)

select
    member.measure_id,
    member.measure_version,
    member.group_by,
    member.group_value,
    member.n_members,
    excluded.reason,
    count(*) as n_people,
    count(*) filter (where excluded.reason_count = 1) as only_reason_count,
    count(distinct excluded.person_key) as n_distinct_people,
    count(distinct excluded.person_key) filter (where excluded.reason_count = 1) as n_distinct_only
from member
inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, group_by, group_value)
inner join excluded
    on excluded.measure_id = grouped.measure_id
    and excluded.measure_version = grouped.measure_version
    and excluded.person_key = grouped.person_key
    and excluded.index_on = grouped.index_on
group by member.measure_id, member.measure_version, member.group_by, member.group_value, member.n_members, excluded.reason

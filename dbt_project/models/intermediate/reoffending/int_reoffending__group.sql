-- int_reoffending__group: one row per measure version, member of its cohort and group that the member is counted in.
-- Everyone is in the group all; a person on two schemes is in both, so groups must not be added up.
{{ build_by_person() }}
select measure.measure_id, measure.measure_version, member.person_key, member.index_on, split.group_by, split.group_value
from {{ ref('int_reoffending__measure') }} as measure
inner join {{ ref('int_reoffending__cohort_member') }} as member using (cohort_id, cohort_version)
cross join lateral (
    select 'all' as group_by, 'all' as group_value
    union all
    select attribute.group_by, coalesce(attribute.group_value, 'unknown')
    from (values
        ('division', member.division),
        ('district', member.district),
        ('sex', member.sex),
        ('age_band', member.age_band)
    ) as attribute (group_by, group_value)
    where attribute.group_by = any(measure.group_by)
    union all
    select 'scheme', unnest(case when member.schemes = '{}' then array['none'] else member.schemes end)
    where 'scheme' = any(measure.group_by)
) as split
where {{ has_changed('member.person_key') }}

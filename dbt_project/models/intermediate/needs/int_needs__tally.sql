-- int_needs__tally: one row per day that stocks are counted on, scheme, area and group of people, with three kinds of counts.
-- The sexes and age bands are groups of the whole area only: a district by sex or age is too few people to say anything.
select
    member.as_on,
    member.scheme,
    member.area_level,
    member.area,
    split.group_by,
    split.group_value,
    count(*) as n_people
    {%- for asked in needs_asked() %},
    count(*) filter (where need.is_assessed_{{ asked.name }}) as n_assessed_{{ asked.name }},
    count(*) filter (where need.has_need_{{ asked.name }}) as n_with_need_{{ asked.name }}
    {%- endfor %}
from {{ ref('int_caseload__on_day') }} as member
inner join {{ ref('int_caseload__person_on_day') }} as person using (as_on, person_key)
inner join {{ ref('int_needs__on_day') }} as need using (as_on, person_key)
cross join lateral (
    values ('all', 'all'), ('sex', person.sex), ('age_band', person.age_band)
) as split (group_by, group_value)
where split.group_by = 'all' or member.area_level = 'all'
group by member.as_on, member.scheme, member.area_level, member.area, split.group_by, split.group_value

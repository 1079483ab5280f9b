-- number_of_needs: one row per day that needs are compared on, scheme or cohort, area and group of people: how many of the eight scored sections of OASys
-- are needs of how many people, by the assessment that counts on the day.
-- Only people whose assessment has a score in all eight are counted by their number; the others stand beside, since nobody without an answer is
-- without need.
{% set numbers = range(9) %}
with scored as (
    select count(*) as n_sections from {{ ref('int_needs__oasys_section') }} where need_from is not null
),

assessed as (
    select day.as_on, counting.person_key, count(*) filter (where counting.has_need) as n_needs, count(counting.has_need) as n_sections
    from {{ ref('int_needs__section_counting') }} as counting
    inner join {{ ref('int_needs__day') }} as day on {{ is_open_on('counting', 'day.as_on') }}
    group by day.as_on, counting.person_key
),

counted as (
    select
        member.as_on, member.population_kind, member.population_id, member.population_version,
        member.area_level, member.area, member.group_by, member.group_value,
        count(*) as n_people,
        count(*) filter (where assessed.n_sections = scored.n_sections) as n_assessed,
        count(*) filter (where assessed.n_sections between 1 and scored.n_sections - 1) as n_partly_assessed,
        {%- for number in numbers %}
        count(*) filter (where assessed.n_sections = scored.n_sections and assessed.n_needs = {{ number }}) as n_with_{{ number }},
        {%- endfor %}
        avg(assessed.n_needs) filter (where assessed.n_sections = scored.n_sections) as mean_number_of_needs
    from {{ ref('int_needs__population') }} as member
    cross join scored
    left join assessed on assessed.as_on = member.as_on and assessed.person_key = member.person_key
    group by
        member.as_on, member.population_kind, member.population_id, member.population_version,
        member.area_level, member.area, member.group_by, member.group_value
)

select
    counted.as_on,
    counted.population_kind,
    counted.population_id,
    counted.population_version,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_people,
    counted.n_assessed,
    counted.n_partly_assessed,
    counted.n_people - counted.n_assessed - counted.n_partly_assessed as n_not_assessed,
    {%- for number in numbers %}
    counted.n_with_{{ number }},
    {%- endfor %}
    counted.mean_number_of_needs,
    coalesce(day.is_over and counted.as_on <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
inner join {{ ref('int_needs__day') }} as day using (as_on)
cross join {{ reach_of(['hub', 'probation']) }} as reach

-- int_needs__compared: one row per day that needs are compared on, scheme, area, group, section of OASys and way of saying that it is a need.
-- Everybody with an OASys assessment of the section that counts on the day is either on the scheme that day or one of the others. The district
-- is the person's own. `threshold`: the score is at the section's threshold. `linked`: the assessor linked the section to reoffending, which is
-- said of all ten, finance and emotional wellbeing among them. At a threshold some score severely; of the linked some are linked to serious harm too.
{% set counts %}
    count(*) as n_assessed, count(*) filter (where has_need) as n_with_need, count(score) as n_scored, sum(score) as score,
    count(*) filter (where is_severe) as n_severe, count(*) filter (where is_linked_to_harm) as n_linked_to_harm
{% endset %}
with assessed as (
    select
        day.as_on, counting.person_key, counting.section, counting.pathway,
        basis.basis, basis.has_need, counting.score, counting.is_severe, counting.is_linked_to_harm,
        split.area_level, split.area, split.group_by, split.group_value
    from {{ ref('int_needs__section_counting') }} as counting
    inner join {{ ref('int_needs__day') }} as day on {{ is_open_on('counting', 'day.as_on') }}
    inner join {{ ref('int_people__person') }} as person using (person_key)
    cross join lateral (
        values ('threshold', counting.has_need), ('linked', counting.is_linked_to_reoffending)
    ) as basis (basis, has_need)
    {{ counted_in([['district', 'person.district']], [['sex', 'person.sex']]) }}
    where basis.has_need is not null
),

everybody as (
    select
        as_on, area_level, area, group_by, group_value, basis, section, pathway, {{ counts }}
    from assessed
    group by as_on, area_level, area, group_by, group_value, basis, section, pathway
),

on_scheme as (
    select
        as_on, member.scheme, assessed.area_level, assessed.area, group_by, group_value, basis, section, {{ counts }}
    from assessed
    inner join {{ ref('int_caseload__on_day') }} as member using (as_on, person_key)
    where member.area_level = 'all'
    group by as_on, member.scheme, assessed.area_level, assessed.area, group_by, group_value, basis, section
)

select
    everybody.as_on, on_scheme.scheme, everybody.area_level, everybody.area, everybody.group_by, everybody.group_value,
    everybody.basis, everybody.section, everybody.pathway,
    on_scheme.n_assessed as n_on_scheme,
    on_scheme.n_with_need as n_on_scheme_with_need,
    case everybody.basis when 'threshold' then on_scheme.n_severe end as n_on_scheme_severe,
    case everybody.basis when 'linked' then on_scheme.n_linked_to_harm end as n_on_scheme_linked_to_harm,
    on_scheme.score::numeric / nullif(on_scheme.n_scored, 0) as mean_score_on_scheme,
    everybody.n_assessed - on_scheme.n_assessed as n_others,
    everybody.n_with_need - on_scheme.n_with_need as n_others_with_need,
    case everybody.basis when 'threshold' then everybody.n_severe - on_scheme.n_severe end as n_others_severe,
    case everybody.basis when 'linked' then everybody.n_linked_to_harm - on_scheme.n_linked_to_harm end as n_others_linked_to_harm,
    (everybody.score - coalesce(on_scheme.score, 0))::numeric / nullif(everybody.n_scored - on_scheme.n_scored, 0) as mean_score_others
from everybody
inner join on_scheme using (as_on, area_level, area, group_by, group_value, basis, section)

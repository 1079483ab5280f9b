-- need_prevalence_of_cohort: one row per cohort version, area, group of people, instrument and pathway that it asks about, on the business date.
-- A share is of the people assessed; those who were not stand beside it and are never taken for people without the need.
with member as (
    select * from {{ ref('int_needs__population') }} where population_kind = 'cohort'
),

population as (
    select group_number, as_on, population_id, population_version, area_level, area, group_by, group_value, count(*) as n_people
    from member
    group by group_number, as_on, population_id, population_version, area_level, area, group_by, group_value
),

found as (
    select
        member.group_number, counting.instrument, counting.pathway,
        count(*) filter (where counting.is_assessed) as n_assessed,
        count(*) filter (where counting.has_need) as n_with_need
    from member
    inner join {{ ref('int_needs__counting') }} as counting
        on counting.person_key = member.person_key and {{ is_open_on('counting', 'member.as_on') }}
    group by member.group_number, counting.instrument, counting.pathway
),

has_threshold as (
    select pathway, bool_and(need_from is not null) as is_so
    from {{ ref('int_needs__oasys_section') }}
    group by pathway
),

counted as (
    select
        population.*, asked.instrument, asked.pathway,
        coalesce(found.n_assessed, 0) as n_assessed,
        case when asked.instrument = 'hub' or has_threshold.is_so then coalesce(found.n_with_need, 0) end as n_with_need
    from population
    cross join (
        values
        {%- for asked in needs_asked() %}
        ('{{ asked.instrument }}', {{ asked.pathway }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as asked (instrument, pathway)
    left join found
        on found.group_number = population.group_number
        and found.instrument = asked.instrument
        and found.pathway = asked.pathway
    left join has_threshold on has_threshold.pathway = asked.pathway
),

proportion as (
    {{ wilson_intervals('counted', 'n_with_need', 'n_assessed') }}
)

select
    counted.as_on,
    counted.population_id as cohort_id,
    counted.population_version as cohort_version,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.instrument,
    counted.pathway,
    counted.n_people,
    counted.n_assessed,
    counted.n_people - counted.n_assessed as n_not_assessed,
    counted.n_with_need,
    counted.n_with_need::numeric / nullif(counted.n_assessed, 0) as share,
    proportion.low as ci_low,
    proportion.high as ci_high,
    coalesce(counted.as_on <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
inner join (
    select 'hub' as instrument, data_cut from {{ reach_of(['hub']) }} as hub
    union all
    select 'oasys', data_cut from {{ reach_of(['probation']) }} as probation
) as reach using (instrument)
left join proportion using (n_with_need, n_assessed)

-- int_area_crime__by_person: one row per person, offence set, area and financial year, with the crimes that were cleared up for the person.
{{ build_by_person() }}
-- depends_on: {{ ref('int_areas__ancestor') }}
-- depends_on: {{ ref('stg_reference__areas') }}
with by_offence as (
    select
        person.person_key, person.offence_code, person.offence_class, crime.area, crime.year_from,
        count(*) as n_crimes,
        count(*) filter (where person.is_member) as n_as_member
    from {{ ref('int_area_crime__person') }} as person
    inner join {{ ref('int_area_crime__crime') }} as crime using (crime_ref)
    where {{ has_changed('person.person_key') }}
    group by person.person_key, person.offence_code, person.offence_class, crime.area, crime.year_from
)

select
    by_offence.person_key, held.offence_set, by_offence.area, by_offence.year_from,
    sum(by_offence.n_crimes)::bigint as n_crimes,
    sum(by_offence.n_as_member)::bigint as n_as_member
from by_offence
inner join {{ ref('int_offences__offence_set') }} as held on {{ same_offence('held', 'by_offence') }}
group by by_offence.person_key, held.offence_set, by_offence.area, by_offence.year_from

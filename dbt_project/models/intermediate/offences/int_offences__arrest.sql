-- int_offences__arrest: one row per person and arrest, dated by the day in London.
-- A person who stands under two police references is one person here, so a crime arrested for at the same moment counts once.
{{ build_by_person() }}
select distinct on (person_key, coalesce(crime_ref, arrest_ref), arrested_at, offence_code)
    person_key,
    arrest_ref,
    crime_ref,
    arrested_on,
    offence_code,
    division
from {{ ref('stg_police__arrest') }}
where person_key is not null and arrested_on is not null and {{ has_changed() }}
order by person_key, coalesce(crime_ref, arrest_ref), arrested_at, offence_code, arrest_ref

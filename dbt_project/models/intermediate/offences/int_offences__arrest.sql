-- int_offences__arrest: one row per person and arrest, dated by the day in London.
-- A person who stands under two police references is one person here, so a crime arrested for at the same moment counts once, under the first
-- reference that it was told under. `told_as` has all of them: what followed the arrest may name any.
{{ build_by_person() }}
select
    person_key,
    min(arrest_ref) as arrest_ref,
    array_agg(arrest_ref order by arrest_ref) as told_as,
    min(crime_ref) as crime_ref,
    min(arrested_on) as arrested_on,
    offence_code,
    (array_agg(division order by arrest_ref))[1] as division
from {{ ref('stg_police__arrest') }}
where person_key is not null and arrested_on is not null and {{ has_changed() }}
group by person_key, coalesce(crime_ref, 'arrest ' || arrest_ref), arrested_at, offence_code

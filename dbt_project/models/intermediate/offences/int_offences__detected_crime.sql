-- int_offences__detected_crime: one row per crime and person for whom it was cleared up (charge, caution, taken into consideration, ...).
-- Joint suspects have a row each. Dated by the first day on which it may have been committed; known from the day of the outcome.
-- A crime that was cancelled is no crime. The outcome is the suspect's own: another suspect's charge says nothing about this one.
{{ build_by_person() }}
select
    suspect.person_key,
    crime.crime_ref,
    min(coalesce(crime.committed_from, crime.committed_to, crime.recorded_on)) as committed_on,
    min(coalesce(suspect.outcome_on, crime.outcome_on, crime.recorded_on)) as detected_on,
    min(crime.offence_code) as offence_code,
    min(crime.offence_class) as offence_class,
    min(crime.division) as division
from {{ ref('stg_police__suspect') }} as suspect
inner join {{ ref('stg_police__crime') }} as crime using (crime_ref)
where
    suspect.person_key is not null
    and suspect.outcome in ({{ cleared_up() }})
    and crime.cancelled_on is null
    and {{ has_changed('suspect.person_key') }}
group by suspect.person_key, crime.crime_ref

-- int_offences__proven_offence: one row per person and offence proved, at court or by a caution, reprimand or warning.
-- The same crime proved twice under one code (an appeal, two police references) counts once, at its first proof.
-- Offences known to be non-recordable or committed outside England and Wales are left out; where the feed does not say, they stay.
select distinct on (person_key, coalesce(crime_ref, conviction_ref), offence_code, offence_on)
    person_key,
    conviction_ref,
    occasion_ref,
    crime_ref,
    offence_code,
    offence_on,
    proved_on,
    proof,
    proof = 'court' as is_court,
    disposal,
    coalesce(is_breach, false) as is_breach
from {{ ref('stg_police__conviction') }}
where person_key is not null and proved_on is not null and recordable is not false and committed_in_ew is not false
order by person_key, coalesce(crime_ref, conviction_ref), offence_code, offence_on, proved_on, conviction_ref

-- int_offences__proven_offence: one row per person, offence and way of proof: at court, or by a caution, reprimand or warning.
-- The same crime proved the same way twice under one code (an appeal, two police references) is one row, at its first proof; is_first_proof
-- marks the earlier of the two ways. Offences known to be non-recordable or committed outside England and Wales are left out; where the
-- feed does not say, they stay.
{{ build_by_person() }}
with proved as (
    select distinct on (person_key, coalesce(crime_ref, 'conviction ' || conviction_ref), offence_code, offence_on, proof = 'court')
        person_key,
        conviction_ref,
        occasion_ref,
        crime_ref,
        offence_code,
        offence_on,
        proved_on,
        proof = 'court' as is_court,
        disposal,
        coalesce(is_breach, false) as is_breach
    from {{ ref('stg_police__conviction') }}
    where
        person_key is not null and proved_on is not null and recordable is not false and committed_in_ew is not false
        and {{ has_changed() }}
    order by person_key, coalesce(crime_ref, 'conviction ' || conviction_ref), offence_code, offence_on, proof = 'court', proved_on, conviction_ref
)

select
    *,
    row_number() over (
        partition by person_key, coalesce(crime_ref, 'conviction ' || conviction_ref), offence_code, offence_on order by proved_on, is_court
    ) = 1 as is_first_proof
from proved

-- int_offences__charge: one row per person and offence charged, at its first charge.
-- The same crime charged twice under one code (charged again, two police references) is one, as it is when it is proved twice. Charges that name no
-- crime are each one of their own, unless the arrest before them was told under several references of the person.
with told_again as (
    {{ charges_told_again(has_changed('arrest.person_key')) }}
)

select distinct on (person_key, {{ charge_counted_as() }}, offence_code, offence_on)
    person_key,
    charge_ref,
    arrest_ref,
    crime_ref,
    offence_code,
    offence_on,
    charged_on
from {{ ref('stg_police__charge') }}
left join told_again using (charge_ref)
where person_key is not null and charged_on is not null and {{ has_changed() }}
order by person_key, {{ charge_counted_as() }}, offence_code, offence_on, charged_on, police_ref, charge_ref

-- int_offences__charge: one row per person and offence charged, at its first charge.
-- The same crime charged twice under one code (charged again, two police references) is one, as it is when it is proved twice. Charges that name no
-- crime are each one of their own, unless the arrest before them was told under several references of the person: then the first of a code and
-- days under one of them is the first under the other, the second the second, so that none of those told under one reference is lost.
with unnamed as (
    select
        charge.charge_ref,
        concat_ws(' ', told.counted_ref, charge.charged_on, row_number() over (
            partition by charge.person_key, told.counted_ref, charge.police_ref, charge.offence_code, charge.offence_on, charge.charged_on
            order by charge.charge_ref
        )) as charge_of_arrest
    from {{ ref('stg_police__charge') }} as charge
    inner join {{ ref('int_offences__told_again') }} as told using (person_key, arrest_ref)
    where charge.crime_ref is null
)

select distinct on (person_key, coalesce(crime_ref, charge_of_arrest, charge_ref), offence_code, offence_on)
    person_key,
    charge_ref,
    arrest_ref,
    crime_ref,
    offence_code,
    offence_on,
    charged_on
from {{ ref('stg_police__charge') }}
left join unnamed using (charge_ref)
where person_key is not null and charged_on is not null and {{ has_changed() }}
order by person_key, coalesce(crime_ref, charge_of_arrest, charge_ref), offence_code, offence_on, charged_on, police_ref, charge_ref

-- int_risk__sanction: one row per person and occasion of a sanction: a conviction, caution, reprimand or warning, with what stood before it.
-- One court appearance or caution is one occasion, however many offences and police references it has. Breaches of an order are no new
-- sanction; nor is what is known to be non-recordable or done outside England and Wales. The principal offence gives the occasion its group.
{{ build_by_person() }}
with occasion as (
    select
        person_key,
        coalesce(occasion_ref, 'on ' || proved_on) as occasion,
        min(proved_on) as sanctioned_on,
        (array_agg(offence_code order by is_principal desc nulls last, conviction_ref))[1] as offence_code
    from {{ ref('stg_police__conviction') }}
    where
        person_key is not null and proved_on is not null
        and is_breach is not true and recordable is not false and committed_in_ew is not false
        and {{ has_changed() }}
    group by 1, 2
)

select
    occasion.person_key,
    occasion.occasion,
    occasion.sanctioned_on,
    min(occasion.sanctioned_on) over (partition by occasion.person_key) as first_sanctioned_on,
    (row_number() over (partition by occasion.person_key order by occasion.sanctioned_on, occasion.occasion))::integer - 1 as previous_sanctions,
    offences.ogrs3_group as offence_group
from occasion
left join {{ ref('stg_reference__offences') }} as offences using (offence_code)

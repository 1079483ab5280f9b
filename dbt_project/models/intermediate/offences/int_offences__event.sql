-- int_offences__event: one row per person and event of a kind that a measure may count.
-- event_on is when it was done and known_on when it became known; both are one day for what is known as it happens. An offence whose
-- date the feed does not give has no event_on: it can be counted by the day it became known, never by guess. Tests for several substances after
-- one arrest, or at one time, are one occasion, and so are charges after one arrest, also where that was told under several references. The group
-- is that of the code in the list of offences. Each file may number its rows from 1: where a reference of one file stands in for one of another that
-- is missing, it says of what it is.
{{ build_by_person(also_by="coalesce(offence_code, ''), coalesce(offence_class, '')") }}
with event as (
    select person_key, 'arrest' as event_kind, arrest_ref as event_ref, arrested_on as event_on, arrested_on as known_on,
        offence_code, null as offence_class, arrest_ref as occasion_ref, crime_ref, false as is_breach
    from {{ ref('int_offences__arrest') }}
    where {{ has_changed() }}

    union all

    select person_key, 'charge', charge_ref, offence_on, charged_on,
        offence_code, null, coalesce(counted_ref, arrest_ref, 'charge ' || charge_ref), crime_ref, false
    from {{ ref('int_offences__charge') }}
    left join {{ ref('int_offences__told_again') }} using (person_key, arrest_ref)

    union all

    select person_key, 'detected_crime', crime_ref, committed_on, detected_on,
        offence_code, offence_class, crime_ref, crime_ref, false
    from {{ ref('int_offences__detected_crime') }}
    where {{ has_changed() }}

    union all

    select proven.person_key, kind.event_kind, proven.conviction_ref, proven.offence_on, proven.proved_on,
        proven.offence_code, null, coalesce(proven.occasion_ref, 'conviction ' || proven.conviction_ref), proven.crime_ref, proven.is_breach
    from {{ ref('int_offences__proven_offence') }} as proven
    cross join (values ('proven_offence'), ('court_conviction')) as kind (event_kind)
    where
        case kind.event_kind when 'proven_offence' then proven.is_first_proof else proven.is_court end
        and {{ has_changed('proven.person_key') }}

    union all

    select person_key, 'breach', breach_ref, breached_on, known_on,
        offence_code, null, coalesce(occasion_ref, 'breach ' || breach_ref), null, true
    from {{ ref('int_offences__breach') }}

    union all

    select spell.person_key, kind.event_kind, spell.spell_number::text, spell.valid_from, spell.valid_from,
        null, null, spell.spell_number::text, null, false
    from {{ ref('int_custody__spell') }} as spell
    cross join (values ('custody_return'), ('custody_return_new'), ('custody_return_recall')) as kind (event_kind)
    where
        case kind.event_kind
            when 'custody_return_new' then spell.is_received_new
            when 'custody_return_recall' then spell.is_received_on_recall
            else true
        end
        and {{ has_changed('spell.person_key') }}

    union all

    select person_key, 'positive_test', test_ref, tested_on, tested_on,
        null, null, occasion_ref, null, false
    from {{ ref('int_offences__positive_test') }}
)

select event.*, offence.offence_group
from event
left join {{ ref('stg_reference__offences') }} as offence using (offence_code)

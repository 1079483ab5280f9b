select
    link.person_key,
    spell.booking_ref,
    spell.received_on,
    spell.released_on,
    spell.establishment,
    spell.custody_type,
    spell.release_type,
    spell.sentenced_on,
    spell.sentence_days,
    {{ offence_code('spell.offence_code') }} as offence_code,
    {{ listed_area('spell.home_district') }} as home_district,
    spell.supervision_on_release,
    spell.accommodation_on_release
from {{ source('raw', 'prison_spell') }} as spell
{{ join_person('prison_person', 'spell.prison_number') }}
where {{ is_known('prison', 'spell') }}

-- int_custody__expected_release: one row per booking still open, with the day it is to end: the conditional release date, else the expected one.
-- A booking without either date, such as a remand, has no row: nobody knows.
{{ build_by_person() }}
select distinct on (spell.booking_ref)
    spell.person_key,
    spell.booking_ref,
    release_date.release_on as expected_on
from {{ ref('stg_prison__spell') }} as spell
inner join {{ ref('stg_prison__release_date') }} as release_date
    on release_date.booking_ref = spell.booking_ref
    and release_date.date_type in ('conditional', 'expected')
    and release_date.release_on is not null
where spell.person_key is not null and spell.released_on is null and {{ has_changed('spell.person_key') }}
order by spell.booking_ref, release_date.date_type

select distinct on (break_id)
    break_id,
    breaks_on,
    {{ list_of('event_kinds') }} as event_kinds,
    offence_set,
    max_sentence_days,
    title,
    source,
    effective_from
from {{ source('reference', 'series_breaks') }} as definition
where {{ is_in_force('definition') }}
order by break_id, effective_from desc

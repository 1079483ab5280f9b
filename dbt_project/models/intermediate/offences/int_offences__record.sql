-- int_offences__record: one row per event kind that occurs, with the day on which the first event of it became known: records reach back to there.
select event_kind, min(known_on) as began_on
from {{ ref('int_offences__event') }}
group by event_kind

select distinct on (day)
    day,
    kind,
    effective_from
from {{ source('reference', 'calendar') }} as definition
where {{ is_in_force('definition') }}
order by day, effective_from desc

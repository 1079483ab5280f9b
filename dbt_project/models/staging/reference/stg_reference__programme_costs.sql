select distinct on (year)
    year,
    staff,
    premises,
    running,
    set_up,
    displaced,
    {{ list_of('schemes') }} as schemes,
    {{ list_of('multipliers') }}::numeric[] as multipliers,
    effective_from
from {{ source('reference', 'programme_costs') }} as definition
where {{ is_in_force('definition') }}
order by year, effective_from desc

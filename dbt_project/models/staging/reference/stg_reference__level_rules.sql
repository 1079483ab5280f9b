select distinct on (level, factor)
    level,
    factor,
    offence_set,
    window_months,
    lowest,
    highest,
    source,
    effective_from
from {{ source('reference', 'level_rules') }} as definition
where {{ is_in_force('definition') }}
order by level, factor, effective_from desc

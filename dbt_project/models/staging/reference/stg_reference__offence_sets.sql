select distinct on (offence_set, pattern)
    offence_set,
    pattern,
    note,
    effective_from,
    min(effective_from) over (partition by offence_set, pattern) as in_force_from
from {{ source('reference', 'offence_sets') }} as definition
where {{ is_in_force('definition') }}
order by offence_set, pattern, effective_from desc

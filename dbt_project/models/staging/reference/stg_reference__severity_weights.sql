select distinct on (offence_code)
    {{ offence_code('offence_code') }} as offence_code,
    weight,
    source,
    effective_from
from {{ source('reference', 'severity_weights') }} as definition
where {{ is_in_force('definition') }}
order by offence_code, effective_from desc

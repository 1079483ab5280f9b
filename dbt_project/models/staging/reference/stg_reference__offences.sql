select distinct on (offence_code)
    {{ offence_code('offence_code') }} as offence_code,
    description,
    offence_group,
    ogrs3_group,
    recordable,
    effective_from
from {{ source('reference', 'offences') }} as definition
where {{ is_in_force('definition') }}
order by offence_code, effective_from desc

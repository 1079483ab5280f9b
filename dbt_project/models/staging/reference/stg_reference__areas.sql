select distinct on (area)
    area,
    area_name,
    area_type,
    parent,
    effective_from
from {{ source('reference', 'areas') }} as definition
where {{ is_in_force('definition') }}
order by area, effective_from desc

select distinct on (district)
    district,
    threshold,
    effective_from
from {{ source('reference', 'district_thresholds') }} as definition
where {{ is_in_force('definition') }}
order by district, effective_from desc

select distinct on (postcode)
    postcode,
    ward,
    effective_from
from {{ source('reference', 'postcodes') }} as definition
where {{ is_in_force('definition') }}
order by postcode, effective_from desc

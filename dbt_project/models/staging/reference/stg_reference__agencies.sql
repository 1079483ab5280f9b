select distinct on (agency)
    agency,
    agency_name,
    sector,
    effective_from
from {{ source('reference', 'agencies') }} as definition
where {{ is_in_force('definition') }}
order by agency, effective_from desc

select distinct on (year)
    year,
    index,
    effective_from
from {{ source('reference', 'deflators') }} as definition
where {{ is_in_force('definition') }}
order by year, effective_from desc

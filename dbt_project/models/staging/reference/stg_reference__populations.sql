select distinct on (area, year)
    area,
    year,
    population,
    effective_from
from {{ source('reference', 'populations') }} as definition
where {{ is_in_force('definition') }}
order by area, year, effective_from desc

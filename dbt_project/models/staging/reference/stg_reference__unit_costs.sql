select distinct on (offence_set)
    offence_set,
    price_year,
    low,
    central,
    high,
    source,
    effective_from
from {{ source('reference', 'unit_costs') }} as definition
where {{ is_in_force('definition') }}
order by offence_set, effective_from desc

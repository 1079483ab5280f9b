select distinct on (rule)
    rule,
    value,
    source,
    effective_from
from {{ source('reference', 'drug_service_rules') }} as definition
where {{ is_in_force('definition') }}
order by rule, effective_from desc

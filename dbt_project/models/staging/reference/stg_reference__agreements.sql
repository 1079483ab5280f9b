select distinct on (agreement_id)
    agreement_id,
    from_agency,
    to_agency,
    {{ list_of('files') }} as files,
    effective_from
from {{ source('reference', 'agreements') }} as definition
where {{ is_in_force('definition') }}
order by agreement_id, effective_from desc

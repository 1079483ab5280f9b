select
    resettlement.booking_ref,
    resettlement.pathway,
    resettlement.assessed_on,
    resettlement.has_need,
    resettlement.met_at_release
from {{ source('raw', 'prison_resettlement') }} as resettlement
where {{ is_known('prison', 'resettlement') }}

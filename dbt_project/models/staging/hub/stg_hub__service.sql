select
    service.service_code,
    service.service_name,
    service.provider,
    service.contract_ref,
    service.service_type,
    service.pathway,
    {{ listed_area('service.district') }} as district,
    service.client_group,
    service.unit_cost,
    service.places,
    service.starts_on,
    service.ends_on
from {{ source('raw', 'hub_service') }} as service
where {{ is_known('hub', 'service') }}

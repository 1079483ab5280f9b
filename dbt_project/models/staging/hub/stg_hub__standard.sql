select
    standard.standard_ref,
    {{ listed_area('standard.district') }} as district,
    standard.standard,
    standard.assessed_on,
    standard.met
from {{ source('raw', 'hub_standard') }} as standard
where {{ is_known('hub', 'standard') }}

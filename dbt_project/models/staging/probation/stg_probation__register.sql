select
    link.person_key,
    register.register_ref,
    register.register,
    register.category,
    register.level,
    register.starts_on,
    register.ends_on
from {{ source('raw', 'probation_register') }} as register
{{ join_person('probation_person', 'register.crn') }}
where {{ is_known('probation', 'register') }}

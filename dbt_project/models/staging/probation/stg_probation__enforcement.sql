select
    link.person_key,
    enforcement.enforcement_ref,
    enforcement.order_ref,
    enforcement.kind,
    enforcement.initiated_on,
    enforcement.outcome_on,
    enforcement.outcome
from {{ source('raw', 'probation_enforcement') }} as enforcement
{{ join_person('probation_person', 'enforcement.crn') }}
where {{ is_known('probation', 'enforcement') }}

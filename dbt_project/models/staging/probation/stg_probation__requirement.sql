select
    requirement.requirement_ref,
    requirement.order_ref,
    requirement.requirement,
    requirement.starts_on,
    requirement.ends_on,
    requirement.outcome
from {{ source('raw', 'probation_requirement') }} as requirement
where {{ is_known('probation', 'requirement') }}

select
    link.person_key,
    requirement.requirement_ref,
    requirement.client_ref,
    requirement.arrest_ref,
    requirement.kind,
    requirement.imposed_on,
    requirement.due_on,
    requirement.attended,
    requirement.remained
from {{ source('raw', 'dip_requirement') }} as requirement
{{ join_person('dip_client', 'requirement.client_ref') }}
where {{ is_known('dip', 'requirement') }}

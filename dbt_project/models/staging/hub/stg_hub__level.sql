select
    link.person_key,
    level.level_ref,
    level.case_ref,
    level.level,
    level.starts_on,
    level.review_due_on,
    level.reviewed_on
from {{ source('raw', 'hub_level') }} as level
{{ join_person('hub_case', 'level.case_ref') }}
where {{ is_known('hub', 'level') }}

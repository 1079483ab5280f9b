select
    link.person_key,
    need.need_ref,
    need.case_ref,
    need.assessed_on,
    need.pathway,
    need.level,
    need.progress
from {{ source('raw', 'hub_need') }} as need
{{ join_person('hub_case', 'need.case_ref') }}
where {{ is_known('hub', 'need') }}

select
    link.person_key,
    family.family_ref,
    family.case_ref,
    family.starts_on,
    family.ends_on
from {{ source('raw', 'hub_family') }} as family
{{ join_person('hub_case', 'family.case_ref') }}
where {{ is_known('hub', 'family') }}

select
    link.person_key,
    hub_case.case_ref,
    hub_case.district,
    hub_case.gp_registered,
    hub_case.lead_agency
from {{ source('raw', 'hub_case') }} as hub_case
{{ join_person('hub_case', 'hub_case.case_ref') }}
where {{ is_known('hub', 'hub_case') }}

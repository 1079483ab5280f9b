select
    link.person_key,
    hub_case.case_ref,
    {{ listed_area('hub_case.district') }} as district,
    hub_case.gp_registered,
    {{ listed_agency('hub_case.lead_agency') }} as lead_agency
from {{ source('raw', 'hub_case') }} as hub_case
{{ join_person('hub_case', 'hub_case.case_ref') }}
where {{ is_known('hub', 'hub_case') }}

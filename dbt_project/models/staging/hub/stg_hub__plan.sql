select
    link.person_key,
    plan.plan_ref,
    plan.case_ref,
    plan.pathway,
    plan.setting,
    {{ listed_agency('plan.agency') }} as agency,
    plan.due_on,
    plan.done_on
from {{ source('raw', 'hub_plan') }} as plan
{{ join_person('hub_case', 'plan.case_ref') }}
where {{ is_known('hub', 'plan') }}

select
    link.person_key,
    intervention.intervention_ref,
    intervention.case_ref,
    intervention.service_code,
    intervention.referral_route,
    intervention.referred_on,
    intervention.started_on,
    intervention.ended_on,
    intervention.outcome
from {{ source('raw', 'hub_intervention') }} as intervention
{{ join_person('hub_case', 'intervention.case_ref') }}
where {{ is_known('hub', 'intervention') }}

select
    link.person_key,
    decision.decision_ref,
    decision.case_ref,
    decision.kind,
    decision.decided_on,
    decision.score_shown,
    decision.rule_version,
    decision.factors,
    decision.outcome
from {{ source('raw', 'hub_decision') }} as decision
{{ join_person('hub_case', 'decision.case_ref') }}
where {{ is_known('hub', 'decision') }}

select
    link.person_key,
    referral.referral_ref,
    referral.case_ref,
    referral.route,
    referral.referring_agency,
    referral.referred_on,
    referral.district,
    referral.decision,
    referral.decided_on
from {{ source('raw', 'hub_referral') }} as referral
{{ join_person('hub_case', 'referral.case_ref') }}
where {{ is_known('hub', 'referral') }}

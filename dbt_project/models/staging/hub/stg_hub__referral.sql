select
    link.person_key,
    referral.referral_ref,
    referral.case_ref,
    referral.route,
    {{ listed_agency('referral.referring_agency') }} as referring_agency,
    referral.referred_on,
    {{ listed_area('referral.district') }} as district,
    referral.decision,
    referral.decided_on
from {{ source('raw', 'hub_referral') }} as referral
{{ join_person('hub_case', 'referral.case_ref') }}
where {{ is_known('hub', 'referral') }}

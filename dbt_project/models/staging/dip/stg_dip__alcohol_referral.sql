select
    link.person_key,
    alcohol_referral.referral_ref,
    alcohol_referral.client_ref,
    alcohol_referral.arrest_ref,
    alcohol_referral.screened_on,
    alcohol_referral.tool,
    alcohol_referral.score,
    alcohol_referral.brief_intervention,
    alcohol_referral.outcome
from {{ source('raw', 'dip_alcohol_referral') }} as alcohol_referral
{{ join_person('dip_client', 'alcohol_referral.client_ref') }}
where {{ is_known('dip', 'alcohol_referral') }}

-- int_dip__consent: one row per client of drug services, with whether consent to share is in force on the business date.
-- Given by then and not withdrawn. Consent withdrawn yesterday is none today, for what was shared before as well: the client's records are then
-- joined to no other agency's.
select
    person_key,
    client_ref,
    local_authority,
    coalesce(consent_to_share and consent_on <= {{ today() }} and consent_withdrawn_on is null, false) as has_consent
from {{ ref('stg_dip__client') }}

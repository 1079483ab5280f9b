select
    link.person_key,
    client.client_ref,
    {{ listed_agency('client.agency_code') }} as agency_code,
    {{ listed_area('client.local_authority') }} as local_authority,
    client.consent_to_share,
    client.consent_purpose,
    client.consent_on,
    client.consent_withdrawn_on
from {{ source('raw', 'dip_client') }} as client
{{ join_person('dip_client', 'client.client_ref') }}
where {{ is_known('dip', 'client') }}

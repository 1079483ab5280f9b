select
    link.person_key,
    conviction.conviction_ref,
    conviction.police_ref,
    conviction.occasion_ref,
    conviction.crime_ref,
    {{ offence_code('conviction.offence_code') }} as offence_code,
    conviction.offence_on,
    conviction.proved_on,
    conviction.proof,
    conviction.disposal,
    conviction.is_principal,
    conviction.is_breach,
    conviction.recordable,
    conviction.committed_in_ew,
    conviction.court
from {{ source('raw', 'police_conviction') }} as conviction
{{ join_person('police_person', 'conviction.police_ref') }}
where {{ is_known('police', 'conviction') }}

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
    coalesce(conviction.recordable, offence.recordable) as recordable,
    conviction.committed_in_ew,
    conviction.court
from {{ source('raw', 'police_conviction') }} as conviction
{{ join_person('police_person', 'conviction.police_ref') }}
left join {{ ref('stg_reference__offences') }} as offence on offence.offence_code = {{ offence_code('conviction.offence_code') }}
where {{ is_known('police', 'conviction') }}

select
    link.person_key,
    suspect.crime_ref,
    suspect.police_ref,
    suspect.named_on,
    suspect.outcome,
    suspect.outcome_on
from {{ source('raw', 'police_suspect') }} as suspect
{{ join_person('police_person', 'suspect.police_ref') }}
where {{ is_known('police', 'suspect') }}

select
    link.person_key,
    charge.charge_ref,
    charge.arrest_ref,
    charge.police_ref,
    charge.crime_ref,
    charge.offence_on,
    charge.charged_on,
    {{ offence_code('charge.offence_code') }} as offence_code,
    charge.scheme_flagged
from {{ source('raw', 'police_charge') }} as charge
{{ join_person('police_person', 'charge.police_ref') }}
where {{ is_known('police', 'charge') }}

select
    link.person_key,
    arrest.arrest_ref,
    arrest.police_ref,
    arrest.crime_ref,
    arrest.arrested_at,
    {{ london_date('arrest.arrested_at') }} as arrested_on,
    {{ offence_code('arrest.offence_code') }} as offence_code,
    {{ listed_area('arrest.division') }} as division,
    arrest.custody_suite
from {{ source('raw', 'police_arrest') }} as arrest
{{ join_person('police_person', 'arrest.police_ref') }}
where {{ is_known('police', 'arrest') }}

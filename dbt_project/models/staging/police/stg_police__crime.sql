select
    crime.crime_ref,
    {{ offence_code('crime.offence_code') }} as offence_code,
    {{ offence_class('crime.offence_class') }} as offence_class,
    crime.committed_from,
    crime.committed_to,
    crime.recorded_on,
    {{ listed_area('crime.division') }} as division,
    {{ listed_area('crime.ward') }} as ward,
    crime.outcome,
    crime.outcome_on,
    crime.cancelled_on
from {{ source('raw', 'police_crime') }} as crime
where {{ is_known('police', 'crime') }}

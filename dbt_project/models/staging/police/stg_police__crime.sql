select
    crime.crime_ref,
    {{ offence_code('crime.offence_code') }} as offence_code,
    crime.offence_class,
    crime.committed_from,
    crime.committed_to,
    crime.recorded_on,
    crime.division,
    crime.ward,
    crime.outcome,
    crime.outcome_on,
    crime.cancelled_on
from {{ source('raw', 'police_crime') }} as crime
where {{ is_known('police', 'crime') }}

select
    victim.victim_ref,
    victim.crime_ref,
    victim.age,
    victim.sex
from {{ source('raw', 'police_victim') }} as victim
where {{ is_known('police', 'victim') }}

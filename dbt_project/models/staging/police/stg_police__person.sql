select
    link.person_key,
    person.police_ref,
    person.died_on
from {{ source('raw', 'police_person') }} as person
{{ join_person('police_person', 'person.police_ref') }}
where {{ is_known('police', 'person') }}

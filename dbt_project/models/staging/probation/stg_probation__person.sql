select
    link.person_key,
    person.district
from {{ source('raw', 'probation_person') }} as person
{{ join_person('probation_person', 'person.crn') }}
where {{ is_known('probation', 'person') }}

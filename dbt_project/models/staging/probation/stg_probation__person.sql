select
    link.person_key,
    {{ listed_area('person.district') }} as district
from {{ source('raw', 'probation_person') }} as person
{{ join_person('probation_person', 'person.crn') }}
where {{ is_known('probation', 'person') }}

select
    link.person_key
from {{ source('raw', 'prison_person') }} as person
{{ join_person('prison_person', 'person.prison_number') }}
where {{ is_known('prison', 'person') }}

select
    link.person_key,
    contact.contact_ref,
    contact.contact_on,
    contact.contact_type,
    contact.attendance
from {{ source('raw', 'probation_contact') }} as contact
{{ join_person('probation_person', 'contact.crn') }}
where {{ is_known('probation', 'contact') }}

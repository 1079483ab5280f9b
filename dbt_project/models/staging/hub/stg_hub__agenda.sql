select
    link.person_key,
    agenda.meeting_ref,
    agenda.case_ref,
    {{ listed_agency('agenda.agency_needed') }} as agency_needed
from {{ source('raw', 'hub_agenda') }} as agenda
{{ join_person('hub_case', 'agenda.case_ref') }}
where {{ is_known('hub', 'agenda') }}

-- agency_agenda: one row per case meeting, agency needed there and person it is needed for, so that an agency comes only for its own cases.
-- Drug services have a row for people with consent only; they know their other clients themselves. An agency that agencies.csv does not list has none,
-- since nobody knows whether it is one of them.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
select distinct
    agenda.meeting_ref,
    meeting.held_on,
    meeting.held_on >= {{ today() }} as is_to_come,
    meeting.district,
    lies_in.division,
    agenda.agency_needed as agency,
    agency.is_invited,
    agenda.person_key,
    coalesce(person.risk, 'not_on_caseload') as risk
from {{ ref('stg_hub__agenda') }} as agenda
inner join {{ ref('stg_hub__meeting') }} as meeting using (meeting_ref)
inner join {{ ref('int_partnership__agency_at_meeting') }} as agency
    on agency.meeting_ref = agenda.meeting_ref and agency.agency = agenda.agency_needed
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = meeting.district
left join {{ ref('int_caseload__person_on_day') }} as person
    on person.person_key = agenda.person_key
    and person.as_on = {{ today() }}
    and person.person_key not in (select person_key from {{ ref('int_schemes__untold') }})
where
    agenda.person_key is not null
    and (
        agenda.agency_needed not in (select agency from {{ ref('int_dip__agency') }})
        or agenda.person_key in (select person_key from {{ ref('int_dip__consenting') }})
    )

select
    meeting.meeting_ref,
    meeting.held_on,
    {{ listed_area('meeting.district') }} as district
from {{ source('raw', 'hub_meeting') }} as meeting
where {{ is_known('hub', 'meeting') }}

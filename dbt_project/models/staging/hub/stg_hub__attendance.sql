select
    attendance.meeting_ref,
    {{ listed_agency('attendance.agency') }} as agency,
    attendance.invited,
    attendance.attended
from {{ source('raw', 'hub_attendance') }} as attendance
where {{ is_known('hub', 'attendance') }}

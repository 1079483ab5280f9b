select
    attendance.meeting_ref,
    attendance.agency,
    attendance.invited,
    attendance.attended
from {{ source('raw', 'hub_attendance') }} as attendance
where {{ is_known('hub', 'attendance') }}

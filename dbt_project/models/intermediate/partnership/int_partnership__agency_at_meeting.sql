-- int_partnership__agency_at_meeting: one row per case meeting with a day and agency that was invited, came or is needed there.
-- Agencies that agencies.csv does not list are one at a meeting, of which nobody knows which it is.
with needed as (
    select meeting_ref, coalesce(agency_needed, 'unknown') as agency, count(distinct case_ref) as case_count
    from {{ ref('stg_hub__agenda') }}
    group by 1, 2
),

attendance as (
    select meeting_ref, coalesce(agency, 'unknown') as agency, bool_or(invited) as invited, bool_or(attended) as attended
    from {{ ref('stg_hub__attendance') }}
    group by 1, 2
)

select
    meeting_ref,
    agency,
    meeting.held_on,
    coalesce(attendance.invited, false) as is_invited,
    attendance.attended as has_attended,
    coalesce(needed.case_count, 0) as case_count
from attendance
full join needed using (meeting_ref, agency)
inner join {{ ref('stg_hub__meeting') }} as meeting using (meeting_ref)
where meeting.held_on is not null

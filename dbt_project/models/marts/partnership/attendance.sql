-- attendance: one row per month or quarter with a meeting, agency and district, and for each of these two also `all`.
-- Attendance is of the invitations whose outcome is known: an agency is not absent because nobody wrote down who came. Where fewer than half are
-- known, it is empty: who came is written down sooner than who did not. `reason` says why it is.
with held as (
    select
        period.period_kind, period.period_start, period.period_end, period.is_complete, period.data_cut,
        meeting.meeting_ref,
        coalesce(meeting.district, 'unknown') as district,
        agenda.meeting_ref is not null as has_agenda
    from {{ ref('stg_hub__meeting') }} as meeting
    inner join {{ ref('int_caseload__period') }} as period on meeting.held_on between period.period_start and period.period_end
    left join (select distinct meeting_ref from {{ ref('stg_hub__agenda') }}) as agenda using (meeting_ref)
),

counted as (
    select
        held.period_kind, held.period_start, held.period_end, held.is_complete, held.data_cut,
        coalesce(held.district, 'all') as area,
        case when grouping(agency.agency) = 1 then 'all' else agency.agency end as agency,
        count(distinct held.meeting_ref) as n_meetings,
        count(*) filter (where agency.is_invited) as n_invited,
        count(agency.has_attended) filter (where agency.is_invited) as n_recorded,
        count(*) filter (where agency.is_invited and agency.has_attended) as n_attended,
        count(*) filter (where not agency.is_invited and agency.has_attended) as n_came_uninvited,
        count(*) filter (where agency.is_invited and held.has_agenda and agency.case_count = 0) as n_invited_without_case,
        count(*) filter (where not agency.is_invited and agency.case_count > 0) as n_needed_not_invited
    from held
    left join {{ ref('int_partnership__agency_at_meeting') }} as agency using (meeting_ref)
    group by
        held.period_kind, held.period_start, held.period_end, held.is_complete, held.data_cut, cube (held.district, agency.agency)
    having grouping(agency.agency) = 1 or agency.agency is not null
)

select
    counted.period_kind,
    counted.period_start,
    counted.period_end,
    counted.agency,
    case when counted.area = 'all' then 'all' else 'district' end as area_level,
    counted.area,
    counted.n_meetings,
    counted.n_invited,
    counted.n_recorded,
    counted.n_attended,
    case when missing.reason is null then counted.n_attended::numeric / counted.n_recorded end as attendance,
    proportion.low as ci_low,
    proportion.high as ci_high,
    missing.reason,
    counted.n_came_uninvited,
    counted.n_invited_without_case,
    counted.n_needed_not_invited,
    counted.is_complete,
    counted.data_cut
from counted
cross join lateral (
    select
        case
            when counted.n_invited = 0 then 'nobody_invited'
            when counted.n_recorded = 0 then 'nothing_recorded'
            when counted.n_recorded * 2 < counted.n_invited then 'few_recorded'
        end as reason
) as missing
left join lateral statistics.wilson_interval(counted.n_attended, counted.n_recorded) as proportion on missing.reason is null

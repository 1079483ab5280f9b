-- int_reoffending__counts: one row per measure version, group and period or horizon, with the counts that figures are made of.
-- Sums of people's counts; where the measure counts distinct crimes, a crime of two people of the group counts once.
with member as (
    select *, has_died or has_moved_away or is_deselected as is_leaver
    from {{ ref('int_reoffending__grouped_outcome') }}
),

crime as (
    select
        member.measure_id, member.measure_version, member.period_number, member.group_by, member.group_value,
        count(distinct counted.counted_ref) filter (where counted.role = 'follow_up') as n_events,
        count(distinct counted.counted_ref) filter (where counted.role = 'baseline') as baseline_count,
        count(distinct counted.counted_ref) filter (where counted.role = 'baseline' and counted.is_within_same_lag) as baseline_same_lag_count
    from member
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    inner join {{ ref('int_reoffending__counted') }} as counted on {{ same_window('counted', 'member') }}
    where measure.count_unit = 'distinct_crime' and not member.is_excluded
    group by member.measure_id, member.measure_version, member.period_number, member.group_by, member.group_value
),

summed as (
    select
        measure_id, measure_version, period_number, group_by, group_value,
        min(index_on) as first_index_on,
        max(index_on) as last_index_on,
        count(*) filter (where not is_excluded) as n_people,
        count(*) filter (where is_excluded) as n_excluded,
        count(*) filter (where not is_excluded and event_count > 0) as n_people_with_event,
        coalesce(sum(event_count) filter (where not is_excluded), 0) as n_events,
        sum(baseline_count) filter (where not is_excluded) as baseline_count,
        sum(baseline_same_lag_count) filter (where not is_excluded) as baseline_same_lag_count,
        sum(expected_count) filter (where not is_excluded) as expected_count,
        coalesce(sum(days_at_risk) filter (where not is_excluded), 0) as days_at_risk,
        coalesce(sum(days_at_liberty) filter (where not is_excluded), 0) as days_at_liberty,
        count(*) filter (where not is_excluded and is_meeting_target) as n_meeting_target,
        count(*) filter (where not is_excluded and is_eligible) as n_eligible,
        count(*) filter (where not is_excluded and not is_complete) as n_incomplete,
        count(*) filter (where not is_excluded and not is_officially_predicted) as n_predicted_here,
        count(*) filter (where not is_excluded and has_died) as n_died,
        count(*) filter (where not is_excluded and has_moved_away) as n_moved_away,
        count(*) filter (where not is_excluded and is_deselected) as n_deselected,
        count(*) filter (where not is_excluded and not is_leaver) as people_without_leavers,
        count(*) filter (where not is_excluded and not is_leaver and event_count > 0) as people_with_event_without_leavers,
        coalesce(sum(event_count) filter (where not is_excluded and not is_leaver), 0) as events_without_leavers,
        sum(expected_count) filter (where not is_excluded and not is_leaver) as expected_without_leavers,
        bool_and(is_final) filter (where not is_excluded) as is_final
    from member
    group by measure_id, measure_version, period_number, group_by, group_value
)

select
    summed.measure_id, summed.measure_version, summed.period_number, summed.group_by, summed.group_value,
    summed.first_index_on, summed.last_index_on,
    summed.n_people, summed.n_excluded, summed.n_people_with_event, summed.days_at_risk, summed.days_at_liberty,
    summed.n_meeting_target, summed.n_eligible, summed.n_incomplete, summed.n_predicted_here, summed.is_final,
    summed.n_died, summed.n_moved_away, summed.n_deselected,
    summed.people_without_leavers, summed.people_with_event_without_leavers, summed.events_without_leavers, summed.expected_without_leavers,
    coalesce(crime.n_events, summed.n_events) as n_events,
    coalesce(crime.baseline_count, summed.baseline_count) as baseline_count,
    coalesce(crime.baseline_same_lag_count, summed.baseline_same_lag_count) as baseline_same_lag_count,
    summed.expected_count
from summed
left join crime using (measure_id, measure_version, period_number, group_by, group_value)

-- int_reoffending__figure: one row per measure version, group and period or horizon, with the change against what the count is set beside.
-- A measure whose cohort is empty still has its rows, for the group all. Where nobody is counted it is final when it would be for whoever
-- entered on the last day possible, on the calendar's clock. pct_change is positive where there is more offending, the way the
-- Leeds table prints it; reduction_pct is positive where there is less, the way Leicestershire does. Neither is rounded to
-- what a reader sees. A prediction is of a whole
-- year: nothing is set beside it before everybody of the measure has been followed for that long (is_over).
with listed as (
    select
        period.*,
        coalesce(counts.group_by, 'all') as by_group,
        coalesce(counts.group_value, 'all') as in_group,
        counts.first_index_on, counts.last_index_on, counts.days_at_risk, counts.days_at_liberty,
        coalesce(counts.is_final, {{ is_matured('nobody.window_before', 'period.final_after_months', 'period.data_cut') }}, false)
            and not period.lacks_feed
            and not period.lacks_people
            and not coalesce(period.cohort_kind = 'index' and period.index_to > period.data_cut, false) as is_final,
        coalesce(counts.n_people, 0) as n_people,
        coalesce(counts.n_excluded, 0) as n_excluded,
        coalesce(counts.n_people_with_event, 0) as n_people_with_event,
        coalesce(counts.n_events, 0) as n_events,
        coalesce(counts.n_eligible, 0) as n_eligible,
        coalesce(counts.n_meeting_target, 0) as n_meeting_target,
        coalesce(counts.n_incomplete, 0) as n_incomplete,
        coalesce(counts.n_predicted_here, 0) as n_predicted_here,
        coalesce(counts.n_died, 0) as n_died,
        coalesce(counts.n_moved_away, 0) as n_moved_away,
        coalesce(counts.n_deselected, 0) as n_deselected,
        counts.people_without_leavers, counts.people_with_event_without_leavers, counts.events_without_leavers, counts.expected_without_leavers,
        period.comparison in ('pro_rata_baseline', 'same_months_prior_year') as has_baseline,
        case when period.comparison in ('pro_rata_baseline', 'same_months_prior_year') then coalesce(counts.baseline_count, 0) end
            as baseline_count,
        coalesce(counts.baseline_same_lag_count, 0) as baseline_same_lag_count,
        counts.expected_count as predicted_count
    from {{ ref('int_reoffending__period') }} as period
    left join {{ ref('int_reoffending__counts') }} as counts using (measure_id, measure_version, period_number)
    cross join lateral (  -- the window of whoever might have entered last
        select case
            when period.has_fixed_window or period.cohort_kind = 'static' then period.period_before
            else (period.index_to + coalesce(period.horizon_days, 0) + make_interval(months => coalesce(period.horizon_months, 0)))::date + 1
        end as window_before
    ) as nobody
),

compared as (
    select
        *,
        coalesce(period_before - 1 <= data_cut, true)
            and (has_fixed_window or max(n_incomplete) over (partition by measure_id, measure_version, period_number) = 0) as is_over,
        case when has_baseline then baseline_count * baseline_share else predicted_count end as expected_count,
        case when has_baseline then n_events else n_people_with_event end as compared_count
    from listed
)

select
    *,
    case comparison when 'same_months_prior_year' then {{ months_after('period_from', '-12') }} else baseline_from end as baseline_begins_on,
    case when has_baseline or is_over then {{ pct_change('compared_count', 'expected_count') }} end as pct_change,
    max(expected_count) over (partition by measure_id, measure_version, by_group, in_group) as expected_in_the_end,
    coalesce(period_from, min(first_index_on) over measure) as period_start,
    coalesce(period_before - 1, max(last_index_on) over measure) as period_end
from compared
window measure as (partition by measure_id, measure_version)

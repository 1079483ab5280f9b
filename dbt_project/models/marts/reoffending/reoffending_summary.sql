-- reoffending_summary: one row per measure version, group and period or horizon.
-- The interval belongs to the headline of the row: to rate where nothing is compared, else to pct_change.
select
    figure.measure_id,
    figure.measure_version,
    figure.cohort_id,
    figure.cohort_version,
    figure.by_group as group_by,
    figure.in_group as group_value,
    figure.period_start,
    figure.period_end,
    figure.horizon_days,
    figure.n_people,
    figure.n_excluded,
    figure.n_people_with_event,
    figure.n_events::bigint as n_events,
    figure.baseline_count::bigint as baseline_count,
    figure.expected_count,
    figure.pct_change,
    -figure.pct_change as reduction_pct,
    figure.n_people_with_event::numeric / nullif(figure.n_people, 0) as rate,
    figure.n_events / nullif(figure.n_people_with_event, 0)::numeric as events_per_person_with_event,
    figure.n_events / nullif(figure.n_people, 0)::numeric as events_per_person,
    case figure.comparison
        when 'none' then proportion.low
        when 'expected' then figure.pct_change - 195.9964 * sqrt(predicted.reported_variance) / nullif(figure.expected_count, 0)
        else 100 * (ratio.low - 1)
    end::double precision as ci_low,
    case figure.comparison
        when 'none' then proportion.high
        when 'expected' then figure.pct_change + 195.9964 * sqrt(predicted.reported_variance) / nullif(figure.expected_count, 0)
        else 100 * (ratio.high - 1)
    end::double precision as ci_high,
    coalesce(figure.days_at_risk, 0)::bigint as days_at_risk,
    case when figure.has_baseline then round({{ exactly('(1 - figure.target_pct / 100) * figure.expected_in_the_end') }})::bigint end as target_count,
    case when figure.has_baseline and figure.target_pct is not null then figure.n_meeting_target end as n_meeting_target,
    figure.n_eligible,
    figure.is_over,
    case when figure.is_final then 'final' else 'provisional' end as status,
    matched.n_matched,
    matched.n_unmatched,
    matched.n_comparison,
    matched.matched_rate,
    matched.comparison_rate,
    matched.matched_events::bigint as matched_events,
    matched.comparison_events,
    matched.matched_days_at_liberty::bigint as matched_days_at_liberty,
    matched.comparison_days_at_liberty,
    {%- for side in ('matched', 'comparison') %}
    case when figure.has_baseline then {{ pct_change('matched.' ~ side ~ '_events', 'matched.' ~ side ~ '_baseline * figure.baseline_share') }} end
        as {{ side }}_pct_change,
    {%- endfor %}
    figure.data_cut,
    nullif(concat_ws('; ',
        case when figure.n_people = 0 then 'no_people' when figure.n_people < 10 then 'small_n' end,
        case when figure.lacks_feed then 'events_never_delivered' end,
        case when figure.lacks_people then 'cohort_not_delivered' end,
        case when figure.has_fixed_window and figure.period_before - 1 > figure.data_cut then 'period_not_over' end,
        case when figure.is_final is not true then 'provisional' end,
        case when not figure.has_fixed_window and figure.n_incomplete > 0 then 'follow_up_incomplete=' || figure.n_incomplete end,
        case when figure.n_predicted_here > 0 then 'predicted_here=' || figure.n_predicted_here end,
        case when figure.has_baseline and figure.baseline_count = 0 then 'baseline_zero' end,
        case when figure.baseline_begins_on < date_trunc('month', record.began_on) then 'records_begin_later' end,
        case
            when figure.has_baseline and figure.waiting_months is null and figure.period_before - 1 <= figure.data_cut
                and figure.baseline_same_lag_count <> figure.baseline_count
                then 'baseline_with_same_lag=' || figure.baseline_same_lag_count
        end,
        case when quarter.is_implausible then 'late_results' end,
        broken.findings,
        listed.findings,
        case when matched.n_matched > 0 then 'comparison_is_no_effect' when matched.n_matched = 0 then 'nobody_matched' end,
        case when matched.n_matched > 0 and matched.n_unmatched > 0 then 'unmatched=' || matched.n_unmatched end
    ), '') as findings
from {{ ref('int_reoffending__figure') }} as figure
left join {{ ref('int_offences__record') }} as record using (event_kind)
left join {{ ref('int_reoffending__quarter') }} as quarter
    on {{ of_figure('quarter') }}
left join {{ ref('int_reoffending__against_predicted') }} as predicted
    on {{ of_figure('predicted') }}
left join {{ ref('int_reoffending__matched') }} as matched
    on {{ of_period('matched') }}
    and figure.by_group = 'all'
left join {{ ref('int_reoffending__series_break') }} as broken
    on {{ of_period('broken') }}
left join {{ ref('int_reoffending__list_finding') }} as listed
    on listed.measure_id = figure.measure_id
    and listed.measure_version = figure.measure_version
    and listed.group_by = figure.by_group
    and listed.group_value = figure.in_group
cross join lateral statistics.wilson_interval(figure.n_people_with_event, figure.n_people) as proportion
cross join lateral statistics.count_ratio_interval(
    figure.baseline_count::bigint, figure.n_events::bigint, figure.baseline_share::double precision
) as ratio

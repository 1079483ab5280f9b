-- reoffending_uncertainty: one row per row of reoffending_summary, with how far its figures can be trusted.
with figure as (
    select
        figure.*,
        case when figure.has_fixed_window then figure.n_events else figure.n_people_with_event end::bigint as events_at_risk,
        max(figure.n_people_with_event::double precision / nullif(figure.n_people, 0)) filter (where figure.by_group = 'all') over period as overall_rate,
        count(*) filter (where figure.by_group <> 'all') over period as n_cells
    from {{ ref('int_reoffending__figure') }} as figure
    window period as (partition by figure.measure_id, figure.measure_version, figure.period_number)
)

select
    figure.measure_id,
    figure.measure_version,
    figure.by_group as group_by,
    figure.in_group as group_value,
    figure.period_number,
    figure.period_end,
    figure.horizon_days,
    proportion.low as rate_low,
    proportion.high as rate_high,
    events.low as events_low,
    events.high as events_high,
    365 * figure.events_at_risk / nullif(figure.days_at_risk, 0)::double precision as events_per_year_at_risk,
    365 * at_risk.low / nullif(figure.days_at_risk, 0) as events_per_year_low,
    365 * at_risk.high / nullif(figure.days_at_risk, 0) as events_per_year_high,
    baseline.days_at_risk::bigint as baseline_days_at_risk,
    365 * figure.baseline_count / nullif(baseline.days_at_risk, 0)::double precision as baseline_per_year_at_risk,
    100 * (
        (figure.n_events / nullif(figure.days_at_liberty, 0)::double precision)
        / nullif(figure.baseline_count / nullif(baseline.days_at_risk, 0)::double precision, 0) - 1
    ) as pct_change_at_risk,
    figure.days_at_liberty::bigint as days_at_liberty,
    365 * figure.n_events / nullif(figure.days_at_liberty, 0)::double precision as events_per_year_at_liberty,
    case
        when figure.has_baseline and figure.waiting_months is null
            then {{ pct_change('figure.n_events', 'figure.baseline_same_lag_count * figure.baseline_share') }}
    end as pct_change_same_lag,
    case
        when figure.has_baseline then statistics.compare_counts_p(figure.baseline_count::bigint, figure.n_events::bigint, figure.baseline_share::double precision)
    end as exact_p,
    predicted.variance as predicted_variance,
    predicted.clustered_variance,
    (predicted.observed - predicted.expected) / nullif(sqrt(predicted.variance), 0) as z,
    statistics.two_sided_p((predicted.observed - predicted.expected) / nullif(sqrt(predicted.variance), 0)) as z_p,
    (predicted.observed - predicted.expected) / nullif(sqrt(predicted.clustered_variance), 0) as clustered_z,
    statistics.two_sided_p((predicted.observed - predicted.expected) / nullif(sqrt(predicted.clustered_variance), 0)) as clustered_p,
    case when figure.has_baseline then 100 * (bootstrap.low - 1) when figure.comparison = 'none' then figure.n_people * bootstrap.low end
        as bootstrap_low,
    case when figure.has_baseline then 100 * (bootstrap.high - 1) when figure.comparison = 'none' then figure.n_people * bootstrap.high end
        as bootstrap_high,
    coalesce(people.n_distinct_people, 0) as n_distinct_people,
    coalesce(people.n_distinct_with_event, 0) as n_distinct_with_event,
    coalesce(people.n_distinct_eligible, 0) as n_distinct_eligible,
    coalesce(people.n_distinct_meeting, 0) as n_distinct_meeting,
    people.most_entries,
    people.most_entries_with_event,
    people.most_events::bigint as most_events,
    people.most_baseline_events::bigint as most_baseline_events,
    spread.median_events,
    spread.ninetieth_centile_events,
    spread.people_at_liberty,
    spread.median_per_year_at_liberty,
    spread.ninetieth_centile_per_year_at_liberty,
    {%- for few in (1, 2) %}
    case when figure.count_unit <> 'distinct_crime' then people.events_without_{{ few }}::bigint end as events_without_{{ few }},
    people.people_with_event_without_{{ few }}::numeric / nullif(people.people_without_{{ few }}, 0) as rate_without_{{ few }},
    case
        when figure.comparison = 'expected' and figure.is_over
            then {{ pct_change('people.people_with_event_without_' ~ few, 'people.expected_without_' ~ few) }}
        when figure.has_baseline and figure.count_unit <> 'distinct_crime'
            then {{ pct_change('people.events_without_' ~ few, 'people.expected_without_' ~ few) }}
    end as pct_change_without_{{ few }},
    {%- endfor %}
    figure.n_died,
    figure.n_moved_away,
    figure.n_deselected,
    figure.people_without_leavers,
    case when figure.count_unit <> 'distinct_crime' then figure.events_without_leavers::bigint end as events_without_leavers,
    figure.people_with_event_without_leavers::numeric / nullif(figure.people_without_leavers, 0) as rate_without_leavers,
    case
        when figure.comparison = 'expected' and figure.is_over
            then {{ pct_change('figure.people_with_event_without_leavers', 'figure.expected_without_leavers') }}
        when figure.has_baseline and figure.count_unit <> 'distinct_crime'
            then {{ pct_change('figure.events_without_leavers', 'figure.expected_without_leavers') }}
    end as pct_change_without_leavers,
    funnel_2.low as funnel_low_2_sigma,
    funnel_2.high as funnel_high_2_sigma,
    funnel_3.low as funnel_low_3_sigma,
    funnel_3.high as funnel_high_3_sigma,
    figure.n_people_with_event::double precision / nullif(figure.n_people, 0) not between funnel_3.low and funnel_3.high as is_outside_3_sigma,
    nullif(concat_ws('; ',
        case when figure.has_baseline then 'regression_to_the_mean' end,
        case when figure.n_cells > 10 then 'many_cells=' || figure.n_cells end,
        case when figure.n_people between 1 and 199 then 'whole_percentages' end
    ), '') as cautions
from figure
{%- for other, alias in (
    ('int_reoffending__people', 'people'), ('int_reoffending__spread', 'spread'),
    ('int_reoffending__baseline_days', 'baseline'),
) %}
left join {{ ref(other) }} as {{ alias }}
    on {{ of_figure(alias) }}
{%- endfor %}
left join {{ ref('int_reoffending__against_predicted') }} as predicted
    on {{ of_figure('predicted') }}
    and figure.is_over
left join {{ ref('int_reoffending__bootstrap') }} as bootstrap
    on {{ of_figure('bootstrap') }}
    and figure.count_unit <> 'distinct_crime'
cross join lateral statistics.wilson_interval(figure.n_people_with_event, figure.n_people) as proportion
cross join lateral statistics.count_interval(figure.n_events::bigint) as events
cross join lateral statistics.count_interval(figure.events_at_risk) as at_risk
left join lateral statistics.funnel_limits(figure.overall_rate, figure.n_people, 1.96) as funnel_2
    on figure.by_group in ('division', 'district') and figure.in_group <> 'unknown' and figure.n_people >= 10
left join lateral statistics.funnel_limits(figure.overall_rate, figure.n_people, 3.09) as funnel_3
    on figure.by_group in ('division', 'district') and figure.in_group <> 'unknown' and figure.n_people >= 10

-- int_maturity__provisional: one row per provisional row of a measure that dates events by when they were done, if its kind of event comes late.
select
    {{ maturity_subject(['figure.measure_id', 'figure.measure_version', 'figure.period_number', 'figure.by_group', 'figure.in_group']) }} as subject,
    figure.measure_id,
    figure.measure_version,
    figure.event_kind,
    figure.count_unit,
    figure.period_number,
    figure.by_group as group_by,
    figure.in_group as group_value,
    figure.period_before - 1 as period_end,
    figure.horizon_days,
    figure.n_events::bigint as n_events,
    figure.data_cut,
    figure.is_over
from {{ ref('int_reoffending__figure') }} as figure
where figure.is_final is not true and figure.date_basis = 'offence' and figure.event_kind in ({{ kinds_with_delay() }})

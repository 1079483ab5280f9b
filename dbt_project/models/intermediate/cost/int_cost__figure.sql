-- int_cost__figure: one row per measure version of crimes, period or horizon and role, with what the counts of everybody rest on.
-- A baseline is final when the figure is that it belongs to.
select
    figure.measure_id,
    figure.measure_version,
    figure.period_number,
    figure.period_end,
    figure.horizon_days,
    role.role,
    figure.n_people,
    case role.role when 'follow_up' then coalesce(figure.days_at_liberty, 0) else coalesce(baseline.days_at_risk, 0) end::bigint as days_at_liberty,
    case when figure.is_final then 'final' else 'provisional' end as status,
    figure.data_cut
from {{ ref('int_reoffending__figure') }} as figure
inner join (values ('follow_up'), ('baseline')) as role (role) on role.role = 'follow_up' or figure.has_baseline
left join {{ ref('int_reoffending__baseline_days') }} as baseline
    on {{ of_figure('baseline') }}
where figure.by_group = 'all' and figure.event_kind in ({{ kinds_with_cost() }})

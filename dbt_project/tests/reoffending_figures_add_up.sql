-- Figures that cannot be: more people with an event than people, a cumulative count that falls, groups that part the cohort and do not add up.
with figure as (
    select *, lag(n_events) over (
        partition by measure_id, measure_version, group_by, group_value, horizon_days is null order by period_end, horizon_days
    ) as n_events_before
    from {{ ref('reoffending_summary') }}
),

parted as (
    select measure_id, measure_version, group_by, period_end, horizon_days, sum(n_people) as n_people, sum(n_excluded) as n_excluded
    from {{ ref('reoffending_summary') }}
    where group_by in ('division', 'district', 'sex', 'age_band')
    group by measure_id, measure_version, group_by, period_end, horizon_days
)

select measure_id, measure_version, group_by, period_end, horizon_days
from figure
where n_people_with_event > n_people or n_eligible > n_people or days_at_risk < 0 or n_events < n_events_before

union all

select parted.measure_id, parted.measure_version, parted.group_by, parted.period_end, parted.horizon_days
from parted
inner join figure
    on figure.group_by = 'all'
    and figure.measure_id = parted.measure_id
    and figure.measure_version = parted.measure_version
    and figure.period_end = parted.period_end
    and figure.horizon_days is not distinct from parted.horizon_days
where parted.n_people <> figure.n_people or parted.n_excluded <> figure.n_excluded

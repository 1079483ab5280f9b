-- int_reoffending__baseline_days: one row per measure version, group and period with a baseline, with the baseline's days at liberty of those counted.
select
    baseline.measure_id,
    baseline.measure_version,
    baseline.period_number,
    grouped.group_by,
    grouped.group_value,
    sum(baseline.days_at_risk) as days_at_risk
from {{ ref('int_reoffending__baseline_at_risk') }} as baseline
inner join {{ ref('int_reoffending__outcome') }} as outcome on {{ same_window('outcome', 'baseline') }} and not outcome.is_excluded
inner join {{ ref('int_reoffending__group') }} as grouped on {{ same_member('grouped', 'baseline') }}
group by baseline.measure_id, baseline.measure_version, baseline.period_number, grouped.group_by, grouped.group_value

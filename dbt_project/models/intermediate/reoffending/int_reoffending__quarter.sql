-- int_reoffending__quarter: one row per measure version, group and quarter that is over, with the quarter's own count beside the one expected.
-- A count outside what chance leaves plausible around a fair share of the baseline is the signature of results that come late.
with quarter as (
    select
        counts.measure_id, counts.measure_version, counts.group_by, counts.group_value, counts.period_number,
        counts.n_events - lag(counts.n_events, 1, 0::numeric) over periods as quarter_count,
        counts.baseline_count * (period.baseline_share - lag(period.baseline_share, 1, 0::numeric) over periods) as quarter_expected,
        period.period_before - 1 <= measure.data_cut as is_over
    from {{ ref('int_reoffending__counts') }} as counts
    inner join {{ ref('int_reoffending__period') }} as period using (measure_id, measure_version, period_number)
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    where measure.period = 'quarter' and measure.has_fixed_window and measure.comparison = 'pro_rata_baseline'
    window periods as (
        partition by counts.measure_id, counts.measure_version, counts.group_by, counts.group_value order by counts.period_number
    )
)

select quarter.*, quarter.quarter_count not between plausible.low and plausible.high as is_implausible
from quarter
cross join lateral statistics.poisson_range(quarter.quarter_expected::double precision) as plausible
where quarter.is_over and quarter.quarter_expected > 0

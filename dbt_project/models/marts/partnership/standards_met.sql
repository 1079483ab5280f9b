-- standards_met: one row per quarter and district with an assessment by its end, and for all districts.
with counted as (
    select
        period_start, period_end, is_complete, data_cut,
        coalesce(district, 'all') as area,
        count(*) as n_standards,
        count(*) filter (where is_met) as n_met,
        count(*) filter (where not is_met) as n_missed,
        count(*) filter (where change = 'gained') as n_gained,
        count(*) filter (where change = 'lost') as n_lost,
        count(*) filter (where is_assessed_in_quarter) as n_assessed_in_quarter
    from {{ ref('standard_status') }}
    group by period_start, period_end, is_complete, data_cut, rollup (district)
)

select
    counted.period_start,
    counted.period_end,
    case when counted.area = 'all' then 'all' else 'district' end as area_level,
    counted.area,
    counted.n_standards,
    counted.n_met,
    counted.n_missed,
    counted.n_met::numeric / counted.n_standards as share_met,
    proportion.low as ci_low,
    proportion.high as ci_high,
    counted.n_gained,
    counted.n_lost,
    counted.n_assessed_in_quarter,
    counted.is_complete,
    counted.data_cut
from counted
cross join lateral statistics.wilson_interval(counted.n_met, counted.n_standards) as proportion

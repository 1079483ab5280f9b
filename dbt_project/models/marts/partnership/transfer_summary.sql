-- transfer_summary: one row per month or quarter and district with a transfer agreed or handed over by its end, and for all districts.
{% set in_period = 'between period.period_start and period.period_end' %}
{% set is_open_then %}
    side.agreed_on <= period.period_end
    and (side.handed_over_on is null or side.handed_over_on > period.period_end)
    and (side.status <> 'lapsed' or side.lapsed_on > period.period_end)
{%- endset %}
with side as (
    select transfer.*, place.area_level, place.area, place.is_out, place.is_in
    from {{ ref('int_partnership__transfer') }} as transfer
    cross join lateral (
        values
        ('all', 'all', transfer.from_district is not null, transfer.to_district is not null),
        ('district', transfer.from_district, true, false),
        ('district', transfer.to_district, false, true)
    ) as place (area_level, area, is_out, is_in)
    where place.area is not null
)

select
    period.period_kind,
    period.period_start,
    period.period_end,
    side.area_level,
    side.area,
    {%- for name, condition in [
        ('agreed', 'side.agreed_on ' ~ in_period),
        ('out', 'side.handed_over_on ' ~ in_period ~ ' and side.is_out'),
        ('in', 'side.handed_over_on ' ~ in_period ~ ' and side.is_in'),
        ('open', is_open_then),
    ] %}
    count(*) filter (where {{ condition }}) as n_{{ name }},
    count(distinct side.person_key) filter (where {{ condition }}) as n_people_{{ name }},
    {%- endfor %}
    count(side.lag_days) filter (where side.handed_over_on {{ in_period }}) as n_timed,
    percentile_cont(0.5) within group (order by side.lag_days) filter (where side.handed_over_on {{ in_period }}) as median_lag_days,
    percentile_cont(0.9) within group (order by side.lag_days) filter (where side.handed_over_on {{ in_period }}) as p90_lag_days,
    period.is_complete,
    period.data_cut
from side
inner join {{ ref('int_caseload__period') }} as period on least(side.agreed_on, side.handed_over_on) <= period.period_end
group by period.period_kind, period.period_start, period.period_end, period.is_complete, period.data_cut, side.area_level, side.area

-- risk_transition: one row per month or quarter, scheme, area, risk at its beginning and risk at its end that occurred.
-- The two days are the last before the period and its last one; whoever is on the caseload on one of them only is `not_on_caseload` on the other.
select
    period_kind,
    period_start,
    period.period_end,
    moved.scheme,
    moved.area_level,
    moved.area,
    moved.risk_from,
    moved.risk_to,
    count(*) as n_people,
    coalesce(period.is_complete and period.period_end <= reach.data_cut, false) as is_complete,
    reach.data_cut
from {{ ref('int_risk__move') }} as moved
inner join {{ ref('int_caseload__period') }} as period using (period_kind, period_start)
cross join {{ reach_of(['hub'], beside=['prison']) }} as reach
group by
    period_kind, period_start, period.period_end, period.is_complete, reach.data_cut,
    moved.scheme, moved.area_level, moved.area, moved.risk_from, moved.risk_to

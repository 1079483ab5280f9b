-- risk_change: one row per month or quarter, scheme, area with anybody on its caseload at either end, and risk.
with counted as (
    select
        moved.period_kind, moved.period_start, moved.period_end, moved.scheme, moved.area_level, moved.area, listed.risk,
        moved.is_complete, moved.data_cut,
        coalesce(sum(moved.n_people) filter (where moved.risk_from = listed.risk), 0)::bigint as n_opening,
        coalesce(sum(moved.n_people) filter (where moved.risk_to = listed.risk and moved.risk_from <> listed.risk), 0)::bigint as n_came,
        coalesce(sum(moved.n_people) filter (where moved.risk_from = listed.risk and moved.risk_to <> listed.risk), 0)::bigint as n_went,
        coalesce(sum(moved.n_people) filter (where moved.risk_to = listed.risk), 0)::bigint as n_closing
    from {{ ref('risk_transition') }} as moved
    cross join (values ('red'), ('amber'), ('green'), ('prison'), ('not_rated')) as listed (risk)
    group by
        moved.period_kind, moved.period_start, moved.period_end, moved.scheme, moved.area_level, moved.area, listed.risk,
        moved.is_complete, moved.data_cut
)

select
    period_kind,
    period_start,
    period_end,
    scheme,
    area_level,
    area,
    risk,
    n_opening,
    n_came,
    n_went,
    n_closing,
    n_closing - n_opening as change,
    100 * (n_closing::numeric / nullif(n_opening, 0) - 1) as pct_change,
    is_complete,
    data_cut
from counted

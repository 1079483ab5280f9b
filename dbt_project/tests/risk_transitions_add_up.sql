-- A transition matrix whose sides are not the spread of risk on the two days, of months and of quarters.
with either_side as (
    select period_kind, period_start - 1 as as_on, scheme, area_level, area, risk_from as risk, sum(n_people) as n_people
    from {{ ref('risk_transition') }}
    group by period_kind, period_start, scheme, area_level, area, risk_from
    union all
    select period_kind, period_end, scheme, area_level, area, risk_to, sum(n_people)
    from {{ ref('risk_transition') }}
    group by period_kind, period_end, scheme, area_level, area, risk_to
),

spread as (
    select period.period_kind, spread.*
    from {{ ref('risk_spread') }} as spread
    inner join {{ ref('int_caseload__period') }} as period on period.period_end = spread.as_on
)

select period_kind, as_on, scheme, area_level, area, risk, side.n_people, spread.n_people as spread_people
from either_side as side
full join spread using (period_kind, as_on, scheme, area_level, area, risk)
where risk <> 'not_on_caseload' and coalesce(side.n_people, 0) <> coalesce(spread.n_people, 0)
    and as_on >= (select min(as_on) from {{ ref('risk_spread') }})

-- A transition matrix whose sides are not the spread of risk on the two days.
with either_side as (
    select period_start - 1 as as_on, scheme, area_level, area, risk_from as risk, sum(n_people) as n_people
    from {{ ref('risk_transition') }}
    where period_kind = 'month'
    group by period_start, scheme, area_level, area, risk_from
    union all
    select period_end, scheme, area_level, area, risk_to, sum(n_people)
    from {{ ref('risk_transition') }}
    where period_kind = 'month'
    group by period_end, scheme, area_level, area, risk_to
)

select as_on, scheme, area_level, area, risk, side.n_people, spread.n_people as spread_people
from either_side as side
full join {{ ref('risk_spread') }} as spread using (as_on, scheme, area_level, area, risk)
where risk <> 'not_on_caseload' and coalesce(side.n_people, 0) <> coalesce(spread.n_people, 0)
    and as_on >= (select min(as_on) from {{ ref('risk_spread') }})

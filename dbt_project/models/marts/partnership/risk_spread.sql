-- risk_spread: one row per month end (and the business date), scheme, area and risk: red, amber, green, prison or not_rated.
-- Who is in prison is the prison's to say, so that a day is known when both the hub and the prison have reached it. A partnership without a
-- prison's feed knows of nobody inside, and waits for none.
with counted as (
    select member.as_on, member.scheme, member.area_level, member.area, person.risk, count(*) as n_people
    from {{ ref('int_caseload__on_day') }} as member
    inner join {{ ref('int_caseload__person_on_day') }} as person using (as_on, person_key)
    group by member.as_on, member.scheme, member.area_level, member.area, person.risk
),

caseload as (
    select as_on, scheme, area_level, area, sum(n_people)::bigint as n_caseload
    from counted
    group by as_on, scheme, area_level, area
)

select
    period.period_end as as_on,
    caseload.scheme,
    caseload.area_level,
    caseload.area,
    listed.risk,
    coalesce(counted.n_people, 0) as n_people,
    caseload.n_caseload,
    coalesce(counted.n_people, 0)::numeric / caseload.n_caseload as share,
    coalesce(period.is_complete and period.period_end <= reach.data_cut, false) as is_complete,
    reach.data_cut
from {{ ref('int_caseload__period') }} as period
inner join caseload on caseload.as_on = period.period_end
cross join (values ('red'), ('amber'), ('green'), ('prison'), ('not_rated')) as listed (risk)
left join counted
    on counted.as_on = caseload.as_on
    and counted.scheme = caseload.scheme
    and counted.area_level = caseload.area_level
    and counted.area = caseload.area
    and counted.risk = listed.risk
cross join {{ reach_of(['hub'], beside=['prison']) }} as reach
where period.period_kind = 'month'

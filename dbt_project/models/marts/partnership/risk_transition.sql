-- risk_transition: one row per month or quarter, scheme, area, risk at its beginning and risk at its end that occurred.
-- The two days are the last before the period and its last one; whoever is on the caseload on one of them only is `not_on_caseload` on the other.
with rated as (
    select member.as_on, member.scheme, member.area_level, member.area, member.person_key, person.risk
    from {{ ref('int_caseload__on_day') }} as member
    inner join {{ ref('int_caseload__person_on_day') }} as person using (as_on, person_key)
),

moved as (
    select
        period_kind, period_start, scheme, area_level, area, person_key,
        coalesce(before.risk, 'not_on_caseload') as risk_from,
        coalesce(after.risk, 'not_on_caseload') as risk_to
    from (
        select period.period_kind, period.period_start, rated.*
        from {{ ref('int_caseload__period') }} as period
        inner join rated on rated.as_on = period.period_start - 1
    ) as before
    full join (
        select period.period_kind, period.period_start, rated.*
        from {{ ref('int_caseload__period') }} as period
        inner join rated on rated.as_on = period.period_end
    ) as after using (period_kind, period_start, scheme, area_level, area, person_key)
)

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
    period.is_complete,
    period.data_cut
from moved
inner join {{ ref('int_caseload__period') }} as period using (period_kind, period_start)
group by
    period_kind, period_start, period.period_end, period.is_complete, period.data_cut,
    moved.scheme, moved.area_level, moved.area, moved.risk_from, moved.risk_to

-- int_risk__move: one row per month or quarter, scheme, area and person on its caseload on the day before or on the last day, with the risk on both.
-- as_on is that last day. Whoever is on the caseload on one of the two days only is `not_on_caseload` on the other.
{{ build_by_person('changed_people_and_days') }}
{# The day stays listed while it ends another period, or comes before the first: of the quarter that went on then, its rows go. #}
{{ config(post_hook="
    delete from {{ this }} as moved where not exists (
        select from {{ ref('int_caseload__period') }} as period
        where period.period_kind = moved.period_kind and period.period_start = moved.period_start and period.period_end = moved.as_on
    )") }}
with rated as (
    select member.as_on, member.scheme, member.area_level, member.area, member.person_key, person.risk
    from {{ ref('int_caseload__on_day') }} as member
    inner join {{ ref('int_caseload__person_on_day') }} as person using (as_on, person_key)
)

select
    period_end as as_on,
    period_kind,
    period_start,
    scheme,
    area_level,
    area,
    person_key,
    coalesce(before.risk, 'not_on_caseload') as risk_from,
    coalesce(after.risk, 'not_on_caseload') as risk_to
from (
    select period.period_kind, period.period_start, period.period_end, rated.*
    from {{ ref('int_caseload__period') }} as period
    inner join rated on rated.as_on = period.period_start - 1
    where {{ has_changed_or_day_is_new('rated.person_key', 'period.period_end') }}
) as before
full join (
    select period.period_kind, period.period_start, period.period_end, rated.*
    from {{ ref('int_caseload__period') }} as period
    inner join rated on rated.as_on = period.period_end
    where {{ has_changed_or_day_is_new('rated.person_key', 'period.period_end') }}
) as after using (period_end, period_kind, period_start, scheme, area_level, area, person_key)

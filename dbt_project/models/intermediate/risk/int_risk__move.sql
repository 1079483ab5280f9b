-- int_risk__move: one row per month or quarter, scheme, area and person on its caseload on the day before or on the last day, with the risk on both.
-- as_on is that last day. Whoever is on the caseload on one of the two days only is `not_on_caseload` on the other.
{{ build_by_person('changed_people_and_days') }}
{# The day stays listed while it ends another period, or comes before the first: of the quarter that went on then, its rows go. #}
{{ config(post_hook="
    delete from {{ this }} as moved where not exists (
        select from {{ ref('int_caseload__period') }} as period
        where period.period_kind = moved.period_kind and period.period_start = moved.period_start and period.period_end = moved.as_on
    )") }}
-- depends_on: {{ ref('int_caseload__day') }} (the days that rows are kept of)
{# A day that has rows already has those of whoever did not change: they are not looked up again to be thrown away. #}
with period as (
    select
        period.*,
        {% if is_since_a_build() -%}
        not exists (select from {{ this }} as held where held.as_on = period.period_end)
        {%- else -%} false {%- endif %} as is_new
    from {{ ref('int_caseload__period') }} as period
)

{%- for side, day in (('before', 'period.period_start - 1'), ('after', 'period.period_end')) %},

{{ side }} as (
    {%- for condition in ([has_changed('member.person_key'), 'period.is_new and not ' ~ has_changed('member.person_key')] if is_since_a_build() else ['true']) %}
    {{ 'union all' if not loop.first }}
    select
        period.period_kind, period.period_start, period.period_end,
        member.scheme, member.area_level, member.area, member.person_key, person.risk
    from period
    inner join {{ ref('int_caseload__on_day') }} as member on member.as_on = {{ day }}
    inner join {{ ref('int_caseload__person_on_day') }} as person on person.as_on = member.as_on and person.person_key = member.person_key
    where {{ condition }}
    {%- endfor %}
)
{%- endfor %}

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
from before
full join after using (period_end, period_kind, period_start, scheme, area_level, area, person_key)

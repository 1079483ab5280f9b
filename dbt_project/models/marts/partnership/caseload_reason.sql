-- caseload_reason: one row per month or quarter, scheme, area, direction (joined, left) and reason that occurred.
-- Who was on the scheme equally long is counted once for the median, so that not every leaver is sorted.
{% set figure = 'period_kind, period_start, period_end, scheme, area_level, area, direction, reason' %}
with moved as (
    select
        period.period_kind,
        period.period_start,
        period.period_end,
        spell.scheme,
        spell.area_level,
        spell.area,
        movement.direction,
        movement.reason,
        movement.days_on_scheme,
        count(*) as n_people
    from {{ ref('int_caseload__spell') }} as spell
    cross join lateral (
        values
        ('joined', spell.join_reason, spell.valid_from, null),
        ('left', spell.leave_reason, spell.valid_to, spell.valid_to - spell.on_scheme_from)
    ) as movement (direction, reason, moved_on, days_on_scheme)
    inner join {{ ref('int_caseload__period') }} as period on movement.moved_on between period.period_start and period.period_end
    group by
        period.period_kind, period.period_start, period.period_end,
        spell.scheme, spell.area_level, spell.area, movement.direction, movement.reason, movement.days_on_scheme
),

reached as (
    select
        *,
        sum(n_people) over (partition by {{ figure }} order by days_on_scheme) as up_to,
        sum(n_people) over (partition by {{ figure }}) as total
    from moved
)

select
    {{ figure }},
    sum(n_people)::bigint as n_people,
    {{ percentile_of_counted('days_on_scheme', '0.5') }} as median_days_on_scheme
from reached
group by {{ figure }}

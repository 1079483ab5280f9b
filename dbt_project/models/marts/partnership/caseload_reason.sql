-- caseload_reason: one row per month or quarter, scheme, area, direction (joined, left) and reason that occurred.
select
    period.period_kind,
    period.period_start,
    period.period_end,
    spell.scheme,
    spell.area_level,
    spell.area,
    movement.direction,
    movement.reason,
    count(*) as n_people
from {{ ref('int_caseload__spell') }} as spell
cross join lateral (
    values ('joined', spell.join_reason, spell.valid_from), ('left', spell.leave_reason, spell.valid_to)
) as movement (direction, reason, moved_on)
inner join {{ ref('int_caseload__period') }} as period on movement.moved_on between period.period_start and period.period_end
group by
    period.period_kind, period.period_start, period.period_end,
    spell.scheme, spell.area_level, spell.area, movement.direction, movement.reason

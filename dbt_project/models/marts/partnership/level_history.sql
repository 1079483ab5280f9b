-- level_history: one row per person and stretch of days at a level of intensity while on a caseload.
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
select
    level.person_key,
    place.district,
    place.division,
    level.level,
    level.level_before,
    level.move,
    level.valid_from,
    level.valid_to,
    level.review_due_on,
    level.reviewed_on,
    {{ is_open_on('level', today()) }} as is_current,
    case
        when {{ is_open_on('level', today()) }} and {{ is_review_overdue_on('level', today()) }} then {{ today() }} - level.review_due_on
    end as days_overdue,
    coalesce(level.reviewed_on > level.review_due_on, false) as is_reviewed_late
from {{ ref('int_partnership__level') }} as level
inner join {{ ref('int_partnership__place') }} as place using (person_key)

-- int_selection__level: one row per person on a scheme today who has a level of intensity, with the level begun last.
select distinct on (level.person_key)
    level.person_key,
    level.level,
    level.starts_on,
    level.review_due_on,
    level.reviewed_on
from {{ ref('stg_hub__level') }} as level
inner join {{ ref('int_selection__person') }} as person on person.person_key = level.person_key and person.schemes is not null
where level.starts_on <= {{ today() }} and level.level is not null
order by level.person_key, level.starts_on desc, level.level_ref desc

-- int_selection__level: one row per person on a scheme today who has a level of intensity, with the one held today: see int_partnership__level.
-- starts_on is the day from which it is held; it may have been given before the person joined.
select
    level.person_key, level.level, level.valid_from as starts_on, level.given_on, level.reviewed_on, level.first_review_on, level.next_review_on
from {{ ref('int_partnership__level') }} as level
inner join {{ ref('int_selection__person') }} as person on person.person_key = level.person_key and person.schemes is not null
where {{ is_open_on('level', today()) }}

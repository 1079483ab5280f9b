-- level_history: one row per person and stretch of days at a level of intensity while on a caseload.
-- Days on the list of drug services alone are left out without consent: nothing else would explain them.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
with told as (
    select person_key, range_agg(daterange(valid_from, valid_to)) as days
    from {{ ref('int_schemes__told') }}
    where scheme <> 'TF'
    group by person_key
),

level as (
    select
        given.person_key, given.level, given.level_before, given.move, given.given_on, given.review_due_on, given.reviewed_on,
        given.first_review_on, given.next_review_on,
        lower(stretch) as valid_from, upper(stretch) as valid_to
    from {{ ref('int_partnership__level') }} as given
    inner join told using (person_key)
    cross join lateral unnest(told.days * datemultirange(daterange(given.valid_from, given.valid_to))) as stretch
)

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
    due.due_on as next_review_on,
    case when due.due_on < {{ today() }} then {{ today() }} - due.due_on end as days_overdue,
    coalesce(level.reviewed_on > level.first_review_on, false) as is_reviewed_late
from level
inner join {{ ref('int_partnership__place') }} as place using (person_key)
cross join lateral (select case when {{ is_open_on('level', today()) }} then {{ level_review_due_on('level', today()) }} end as due_on) as due

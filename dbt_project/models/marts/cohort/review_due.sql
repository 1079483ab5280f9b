-- review_due: one row per person on a scheme and review that is due today or overdue.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
select
    due.person_key,
    person.division,
    person.district,
    person.schemes,
    due.review,
    due.since,
    due.due_on,
    {{ today() }} - due.due_on as days_overdue,
    due.rule_source,
    {{ today() }} as as_on
from {{ ref('int_selection__review') }} as due
inner join {{ ref('int_selection__person') }} as person using (person_key)
where due.due_on <= {{ today() }}

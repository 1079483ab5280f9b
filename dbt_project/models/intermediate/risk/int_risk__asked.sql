-- int_risk__asked: one row per person and day for which a risk is asked: each day of entry to a cohort, and today, with the last release by then.
with asked as (
    select person_key, index_on as asked_on from {{ ref('int_reoffending__cohort_member') }}
    union
    select person_key, {{ today() }} from {{ ref('int_risk__sanction') }}
    union
    select person_key, {{ today() }} from {{ ref('stg_probation__score') }} where person_key is not null
)

select
    asked.person_key,
    asked.asked_on,
    max(spell.valid_to) filter (where spell.valid_to <= asked.asked_on) as released_on,
    coalesce(bool_or({{ is_open_on('spell', 'asked.asked_on') }}), false) as is_in_custody
from asked
left join {{ ref('int_custody__spell') }} as spell on spell.person_key = asked.person_key
group by asked.person_key, asked.asked_on

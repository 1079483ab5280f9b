-- int_risk__asked: one row per person and day for which a risk is asked: each day of entry to a cohort, and today, with the last release by then.
-- Today is asked_on = infinity, so that the row of a person to whom nothing happened stays as it is from night to night.
{{ build_by_person('aged_people') }}
with asked as (
    select person_key, index_on as asked_on from {{ ref('int_reoffending__cohort_member') }} where {{ has_changed_or_has_aged() }}
    union
    select person_key, 'infinity' from {{ ref('int_risk__sanction') }} where {{ has_changed_or_has_aged() }}
    union
    select person_key, 'infinity' from {{ ref('stg_probation__score') }} where person_key is not null and {{ has_changed_or_has_aged() }}
)

select
    asked.person_key,
    asked.asked_on,
    max(spell.valid_to) filter (where spell.valid_to <= {{ day_asked() }}) as released_on,
    coalesce(bool_or({{ is_open_on('spell', day_asked()) }}), false) as is_in_custody
from asked
left join {{ ref('int_custody__spell') }} as spell on spell.person_key = asked.person_key and {{ has_changed_or_has_aged('spell.person_key') }}
group by asked.person_key, asked.asked_on

-- int_selection__latest: one row per person and factor of which the latest value is read; no value where it is not known.
-- Days in custody to come are those until the last planned release; whoever is in prison without such a day has none known.
{{ build_by_person('aged_people') }}
select person_key, 'ogrs3_two_year_percent' as factor, prediction.ogrs3_percent(probability) as value
from {{ ref('int_risk__predicted_score') }}
where years = 2 and asked_on = 'infinity' and {{ has_changed_or_has_aged() }}

union all

select spell.person_key, 'custody_days_left', max(greatest(release.planned_on, {{ today() }}) - {{ today() }}) filter (where release.planned_on is not null)
from {{ ref('int_custody__spell') }} as spell
left join {{ ref('int_custody__planned_release') }} as release using (person_key)
where {{ is_open_on('spell', today()) }} and {{ has_changed_or_has_aged('spell.person_key') }}
group by spell.person_key

union all

select person_key, 'custody_days_left', 0
from {{ ref('int_selection__person') }} as person
where {{ has_changed_or_has_aged('person.person_key') }} and not exists (
    select from {{ ref('int_custody__spell') }} as spell where spell.person_key = person.person_key and {{ is_open_on('spell', today()) }}
)

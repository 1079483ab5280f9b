-- int_caseload__on_day: one row per day that stocks are counted on, scheme, area and person on its caseload that day.
-- A person is on the caseload from the day of joining to the day before leaving.
{{ build_by_person('changed_people_and_days') }}
select day.as_on, spell.scheme, spell.area_level, spell.area, spell.person_key, spell.on_scheme_from
from {{ ref('int_caseload__day') }} as day
inner join {{ ref('int_caseload__spell') }} as spell on {{ is_open_on('spell', 'day.as_on') }}
where {{ has_changed_or_day_is_new('spell.person_key', 'day.as_on') }}

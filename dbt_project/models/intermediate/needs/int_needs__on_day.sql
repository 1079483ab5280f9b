-- int_needs__on_day: one row per day that stocks are counted on and person on any caseload that day, with two columns per instrument and
-- pathway: whether an assessment counts that day, and whether it found a need.
{{ build_by_person('changed_people_and_days') }}
select
    person.as_on,
    person.person_key
    {%- for asked in needs_asked() %}
    {%- set about = "counting.pathway = " ~ asked.pathway ~ " and counting.instrument = '" ~ asked.instrument ~ "'" %},
    coalesce(bool_or(counting.is_assessed) filter (where {{ about }}), false) as is_assessed_{{ asked.name }},
    coalesce(bool_or(counting.has_need) filter (where {{ about }}), false) as has_need_{{ asked.name }}
    {%- endfor %}
from {{ ref('int_caseload__person_on_day') }} as person
left join {{ ref('int_needs__counting') }} as counting
    on counting.person_key = person.person_key and {{ is_open_on('counting', 'person.as_on') }}
where {{ has_changed_or_day_is_new('person.person_key', 'person.as_on') }}
group by person.as_on, person.person_key

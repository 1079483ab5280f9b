-- died_on_caseload: one row per area with a caseload on the business date, with how many people on it have died by the word of the police.
-- They stay on it until the hub ends their membership: a caseload is what the hub says it is, and what opens, joins, leaves and closes must add up.
select
    spell.area_level,
    spell.area,
    count(*) as n_caseload,
    count(*) filter (where person.died_on <= {{ today() }}) as n_died,
    min(person.died_on) filter (where person.died_on <= {{ today() }}) as longest_dead_since
from {{ ref('int_caseload__spell') }} as spell
inner join {{ ref('int_people__person') }} as person using (person_key)
where spell.scheme = 'any' and {{ is_open_on('spell', today()) }}
group by spell.area_level, spell.area

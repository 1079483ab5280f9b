-- level_mismatch: one row per person on a scheme and factor by which the person's level of intensity no longer fits the offending.
-- Nobody's level changes by this: it is a list for the next review. Somebody in prison offends little; is_in_custody says so.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
select
    level.person_key,
    person.division,
    person.district,
    person.schemes,
    level.level,
    level.starts_on as level_since,
    rule.factor,
    rule.offence_set,
    rule.window_months,
    coalesce(counted.value, 0) as value,
    rule.lowest,
    rule.highest,
    case when coalesce(counted.value, 0) < rule.lowest then 'level_too_high' else 'level_too_low' end as mismatch,
    exists (
        select from {{ ref('int_custody__spell') }} as spell
        where spell.person_key = level.person_key and {{ is_open_on('spell', today()) }}
    ) as is_in_custody,
    rule.source as rule_source,
    {{ today() }} as as_on
from {{ ref('int_selection__level') }} as level
inner join {{ ref('int_selection__person') }} as person using (person_key)
inner join {{ ref('stg_reference__level_rules') }} as rule using (level)
left join {{ ref('int_selection__counted') }} as counted
    on counted.person_key = level.person_key
    and counted.factor = rule.factor
    and counted.offence_set is not distinct from rule.offence_set
    and counted.window_months = rule.window_months
where coalesce(counted.value, 0) < rule.lowest or coalesce(counted.value, 0) > rule.highest

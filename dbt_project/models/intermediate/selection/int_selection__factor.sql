-- int_selection__factor: one row per version of the scoring matrix, person considered and factor, with its value, band, points and weight.
-- A version considers whoever is on a scheme today or has anything that it counts. Nothing to count is 0. A prediction or a day of release that
-- is not known gives no points and says so (is_known); a value outside every band gives none either, and has no rule.
{{ build_by_person('aged_people') }}
with factor as (
    select distinct version, factor, offence_set, window_months from {{ ref('stg_reference__scoring_rules') }}
),

counted as (
    select counted.person_key, factor.*, counted.value as counted
    from factor
    inner join {{ ref('int_selection__counted') }} as counted
        on counted.factor = factor.factor
        and counted.offence_set is not distinct from factor.offence_set
        and counted.window_months = factor.window_months
    where {{ has_changed_or_has_aged('counted.person_key') }}
),

considered as (
    select distinct counted.version, counted.person_key
    from counted
    inner join {{ ref('int_selection__person') }} as person using (person_key)
    union
    select factor.version, person.person_key
    from factor
    cross join {{ ref('int_selection__person') }} as person
    where person.schemes is not null and {{ has_changed_or_has_aged('person.person_key') }}
),

asked as (  -- by grouping: the planner takes a join by five columns to give one row, and compares everybody with everybody
    select person_key, version, factor, offence_set, window_months, max(counted) as counted
    from (
        select considered.person_key, factor.*, null as counted, true as is_considered from considered inner join factor using (version)
        union all
        select counted.*, false from counted
    ) as either
    group by person_key, version, factor, offence_set, window_months
    having bool_or(is_considered)
),

valued as (
    select
        asked.person_key, asked.version, asked.factor, asked.offence_set, asked.window_months,
        case when asked.window_months is not null then coalesce(asked.counted, 0) else latest.value end as value
    from asked
    left join {{ ref('int_selection__latest') }} as latest on latest.person_key = asked.person_key and latest.factor = asked.factor
        and {{ has_changed_or_has_aged('latest.person_key') }}
)

select
    valued.version as rule_version,
    valued.person_key,
    valued.factor,
    valued.offence_set,
    valued.window_months,
    valued.value,
    valued.value is not null as is_known,
    rule.rule_id,
    rule.band_low,
    rule.band_high,
    rule.points,
    rule.weight,
    coalesce(rule.points * rule.weight, 0) as contribution
from valued
left join {{ ref('stg_reference__scoring_rules') }} as rule
    on rule.version = valued.version
    and rule.factor = valued.factor
    and rule.offence_set is not distinct from valued.offence_set
    and rule.window_months is not distinct from valued.window_months
    and valued.value between coalesce(rule.band_low, '-infinity') and coalesce(rule.band_high, 'infinity')

-- int_partnership__level: one row per person and stretch of days at a level of intensity while on a caseload, with the move that began it.
-- A level holds until the next one or until the person leaves; whoever comes back has none until one is given, and that is a first one again.
-- One given before the person joins counts from the day of joining. Of two given on one day the more intensive counts.
with given as (
    select distinct on (level.person_key, level.starts_on)
        level.person_key, level.level, level.starts_on, level.review_due_on, level.reviewed_on
    from {{ ref('stg_hub__level') }} as level
    where level.person_key is not null and level.level is not null and level.starts_on <= {{ today() }}
    order by level.person_key, level.starts_on, level.level desc, level.level_ref desc
),

numbered as (
    select
        person_key, level, starts_on, review_due_on, reviewed_on,
        lead(starts_on) over (partition by person_key order by starts_on) as next_starts_on
    from given
),

held as (
    select distinct on (level.person_key, level.starts_on)
        level.*,
        spell.valid_from as joined_on,
        greatest(level.starts_on, spell.valid_from) as valid_from,
        least(level.next_starts_on, spell.valid_to) as valid_to
    from numbered as level
    inner join {{ ref('int_caseload__spell') }} as spell
        on spell.person_key = level.person_key
        and spell.scheme = 'any'
        and spell.area_level = 'all'
        and (spell.valid_to is null or spell.valid_to > level.starts_on)
    order by level.person_key, level.starts_on, spell.valid_from
),

compared as (
    select *, lag(level) over (partition by person_key, joined_on order by valid_from) as level_before
    from held
    where valid_to is null or valid_to > valid_from
)

select
    person_key, level, level_before, valid_from, valid_to, starts_on as given_on, review_due_on, reviewed_on,
    case
        when level_before is null then 'first' when level > level_before then 'up' when level < level_before then 'down' else 'unchanged'
    end as move
from compared

-- int_partnership__level: one row per person and stretch of days at a level of intensity while on a caseload, with the move that began it.
-- A level holds until the next one or until the person leaves; whoever comes back has none until one is given, and that is a first one again.
-- first_review_on and next_review_on are the days on which its review is due, before it was reviewed and after: the day that the hub gave, else so many
-- months after the level began; and so many months after the review, or the day the hub gave where that is later, which is then the day of the next.
-- Whether a later day is that of the next review or one that the review came before, the feed does not say. The months are those of review_rules.csv.
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
    coalesce(review_due_on, {{ months_after('valid_from', 'rule.months') }}) as first_review_on,
    case when rule.months is not null then greatest(review_due_on, {{ months_after('reviewed_on', 'rule.months') }}) end as next_review_on,
    case
        when level_before is null then 'first' when level > level_before then 'up' when level < level_before then 'down' else 'unchanged'
    end as move
from compared
left join {{ ref('stg_reference__review_rules') }} as rule on rule.review = 'level'

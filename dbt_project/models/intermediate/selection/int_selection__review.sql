-- int_selection__review: one row per person on a scheme and kind of review that review_rules.csv asks for, with the day it falls due.
--   level         the day of int_partnership__level. Whoever came back to the schemes has none until a level is given again
--   scheme        months after joining, or after the last decision or review of the person since
--   no_offending  months at liberty without an arrest, a crime cleared up or a proven offence, since the last of these, release or joining;
--                 a breach of an order is none, and an offence without a day counts from the day it became known, as nobody knows that it is older
--   long_custody  at once for whoever is in prison and planned to stay for longer than these months
with member as (
    select person_key, on_scheme_since from {{ ref('int_selection__person') }} where schemes is not null
),

looked_at as (
    select person_key, max(looked_on) as looked_on
    from (
        select person_key, decided_on as looked_on from {{ ref('stg_hub__decision') }}
        union all
        select person_key, reviewed_on from {{ ref('stg_hub__level') }}
    ) as either
    where looked_on <= {{ today() }}
    group by person_key
),

offended as (
    select person_key, max(coalesce(event_on, known_on)) as offended_on
    from {{ ref('int_offences__event') }}
    where event_kind in ('arrest', 'detected_crime', 'proven_offence') and not is_breach and coalesce(event_on, known_on) <= {{ today() }}
        and person_key in (select person_key from member)
    group by person_key
),

custody as (
    select
        person_key,
        max(valid_to) filter (where valid_to <= {{ today() }}) as released_on,
        max(valid_from) filter (where valid_to is null or valid_to > {{ today() }}) as held_since
    from {{ ref('int_custody__spell') }}
    where valid_from <= {{ today() }} and person_key in (select person_key from member)
    group by person_key
),

known as (
    select
        member.person_key,
        case when {{ is_level_reviewed_by('level', today()) }} then level.reviewed_on else level.starts_on end as level_since,
        {{ level_review_due_on('level', today()) }} as level_due_on,
        greatest(member.on_scheme_since, looked_at.looked_on) as looked_on,
        greatest(member.on_scheme_since, offended.offended_on, custody.released_on) as quiet_since,
        custody.held_since,
        release.planned_on
    from member
    left join {{ ref('int_selection__level') }} as level using (person_key)
    left join looked_at using (person_key)
    left join offended using (person_key)
    left join custody using (person_key)
    left join (
        select person_key, max(planned_on) as planned_on from {{ ref('int_custody__planned_release') }} group by person_key
    ) as release using (person_key)
)

select known.person_key, rule.review, fallen.since, fallen.due_on, rule.source as rule_source
from known
cross join {{ ref('stg_reference__review_rules') }} as rule
cross join lateral (
    values
    ('level', known.level_since, known.level_due_on),
    ('scheme', known.looked_on, {{ months_after('known.looked_on', 'rule.months') }}),
    ('no_offending', known.quiet_since, case when known.held_since is null then {{ months_after('known.quiet_since', 'rule.months') }} end),
    (
        'long_custody', known.held_since,
        case when known.planned_on > {{ months_after(today(), 'rule.months') }} then known.held_since end
    )
) as fallen (review, since, due_on)
where fallen.review = rule.review and fallen.due_on is not null

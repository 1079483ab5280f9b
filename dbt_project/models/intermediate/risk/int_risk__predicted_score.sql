-- int_risk__predicted_score: one row per person, day asked and years ahead that a probability of reoffending is known for.
-- The last official score by that day comes first; only where there is none does OGRS3 worked out here fill the gap, and says so. As in
-- int_risk__asked, today is infinity.
-- Left out are the predictors that probation delivers of something else than any proven reoffending. They belong to the feed, as its codes do, and
-- not to a partnership's choices: it cannot make a probability of violence one of reoffending.
{% set of_something_else = {
    'RSR': 'serious reoffending', 'SNSV': 'serious violence that is not sexual', 'OVP': 'violence', 'OGRS4/V': 'violence',
    'OSP': 'sexual offences', 'OSP/C': 'those with contact', 'OSP/I': 'indecent images', 'OSP/DC': 'direct contact',
    'OSP/IIC': 'images and indirect contact',
} %}
{{ build_by_person('aged_people') }}
with official as (
    select distinct on (asked.person_key, asked.asked_on, ahead.years)
        asked.person_key,
        asked.asked_on,
        ahead.years,
        ahead.probability::double precision as probability,
        score.predictor,
        score.predictor_version,
        score.scored_on
    from {{ ref('int_risk__asked') }} as asked
    inner join {{ ref('stg_probation__score') }} as score
        on score.person_key = asked.person_key and score.scored_on <= {{ day_asked() }}
    cross join lateral (values (1, score.one_year), (2, score.two_year)) as ahead (years, probability)
    where
        ahead.probability is not null
        and {{ has_changed_or_has_aged('asked.person_key') }}
        and coalesce(upper(score.predictor), '') not in ('{{ of_something_else | join("', '") }}')
    order by asked.person_key, asked.asked_on, ahead.years, score.scored_on desc, score.score_ref
)

select *, true as is_official from official

union all

select
    person_key, asked_on, ahead.years, ahead.probability, 'OGRS3', 'calculated by the warehouse', sanctioned_on, false
from {{ ref('int_risk__ogrs3') }}
cross join lateral (values (1, one_year), (2, two_year)) as ahead (years, probability)
where ahead.probability is not null
    and {{ has_changed_or_has_aged('int_risk__ogrs3.person_key') }}
    and not exists (
        select from official
        where official.person_key = int_risk__ogrs3.person_key
            and official.asked_on = int_risk__ogrs3.asked_on
            and official.years = ahead.years
    )

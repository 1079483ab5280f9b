-- int_risk__predicted_score: one row per person, day asked and years ahead that a probability of reoffending is known for.
-- The last official score by that day comes first; only where there is none does OGRS3 worked out here fill the gap, and says so. Scores of
-- violent, sexual or serious reoffending alone predict something else and are left out. As in int_risk__asked, today is infinity.
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
        and coalesce(upper(score.predictor), '') not in ('RSR', 'OVP', 'OGRS4/V', 'OSP', 'OSP/C', 'OSP/I', 'OSP/DC', 'OSP/IIC', 'SNSV')
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

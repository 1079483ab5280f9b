-- int_reoffending__predicted: one row per person, day of entry and years ahead, with the probability of reoffending that an official
-- predictor gave last before or on that day. Scores of our own never stand in for it.
{{ build_by_person() }}
select distinct on (entry.person_key, entry.index_on, ahead.years)
    entry.person_key,
    entry.index_on,
    ahead.years,
    ahead.probability,
    score.predictor,
    score.predictor_version
from {{ ref('int_reoffending__on_the_day') }} as entry
inner join {{ ref('stg_probation__score') }} as score
    on score.person_key = entry.person_key and score.scored_on <= entry.index_on
cross join lateral (values (1, score.one_year), (2, score.two_year)) as ahead (years, probability)
where ahead.probability is not null and {{ has_changed('entry.person_key') }}
order by entry.person_key, entry.index_on, ahead.years, score.scored_on desc, score.score_ref

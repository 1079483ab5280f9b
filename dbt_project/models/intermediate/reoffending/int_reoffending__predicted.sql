-- int_reoffending__predicted: one row per person, day of entry and years ahead, with the probability of reoffending that was known on that day.
-- An official score comes first; where there is none, OGRS3 worked out from the record fills the gap, and the figure says for how many.
{{ build_by_person() }}
select
    entry.person_key,
    entry.index_on,
    score.years,
    score.probability::numeric as probability,
    score.predictor,
    score.predictor_version,
    score.is_official
from {{ ref('int_reoffending__on_the_day') }} as entry
inner join {{ ref('int_risk__predicted_score') }} as score on score.person_key = entry.person_key and score.asked_on = entry.index_on
where {{ has_changed('entry.person_key') }}

select
    link.person_key,
    score.score_ref,
    score.predictor,
    score.predictor_version,
    score.scored_on,
    score.one_year,
    score.two_year
from {{ source('raw', 'probation_score') }} as score
{{ join_person('probation_person', 'score.crn') }}
where {{ is_known('probation', 'score') }}

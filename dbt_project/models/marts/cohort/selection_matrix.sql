-- selection_matrix: one row per version of the scoring matrix and person considered. The score is an indicator; only people decide.
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
select
    score.rule_version,
    score.person_key,
    person.division,
    person.district,
    score.score,
    score.factors,
    score.factors_not_known,
    score.factors_outside_bands,
    case when prediction.is_official then 'official' when prediction.person_key is not null then 'calculated by the warehouse' end as prediction,
    case
        when person.district is not null
            then rank() over (partition by score.rule_version, person.district order by score.score desc)
    end as rank_in_district,
    threshold.threshold,
    case
        when threshold.threshold is null then 'no_threshold'
        when score.score >= threshold.threshold then 'over'
        else 'under'
    end as against_threshold,
    person.schemes,
    coalesce(decision.outcome, 'awaiting decision') as decision,
    decision.kind as decision_kind,
    decision.decided_on,
    decision.score_shown,
    decision.rule_version as rule_version_shown,
    {{ today() }} as as_on
from {{ ref('int_selection__score') }} as score
inner join {{ ref('int_selection__person') }} as person using (person_key)
left join {{ ref('stg_reference__district_thresholds') }} as threshold using (district)
left join {{ ref('int_selection__decision') }} as decision using (person_key)
left join {{ ref('int_risk__predicted_score') }} as prediction
    on prediction.person_key = score.person_key and prediction.years = 2 and prediction.asked_on = 'infinity'

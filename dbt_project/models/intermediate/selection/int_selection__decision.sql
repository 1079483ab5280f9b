-- int_selection__decision: one row per person whom people have decided to select or de-select, with the latest decision by today.
select distinct on (person_key)
    person_key,
    kind,
    outcome,
    decided_on,
    score_shown,
    rule_version
from {{ ref('stg_hub__decision') }}
where person_key is not null and kind in ('select', 'deselect') and decided_on <= {{ today() }}
order by person_key, decided_on desc, decision_ref desc

select distinct on (rule_id, version)
    rule_id,
    version,
    factor,
    offence_set,
    window_months,
    band_low,
    band_high,
    points,
    weight,
    source,
    effective_from
from {{ source('reference', 'scoring_rules') }} as definition
where {{ is_in_force('definition') }}
order by rule_id, version, effective_from desc

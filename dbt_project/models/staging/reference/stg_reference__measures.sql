select distinct on (measure_id, version)
    measure_id,
    version,
    title,
    cohort_id,
    event_kind,
    count_unit,
    date_basis,
    offence_set,
    exclude_breach,
    baseline_from,
    baseline_to,
    follow_up_from,
    follow_up_to,
    follow_up_days,
    follow_up_months,
    {{ list_of('horizons') }} as horizons,
    clock,
    index_day_counts,
    waiting_months,
    maturity_months,
    comparison,
    target_pct,
    period,
    {{ list_of('group_by') }} as group_by,
    effective_from
from {{ source('reference', 'measures') }} as definition
where {{ is_in_force('definition') }}
order by measure_id, version, effective_from desc

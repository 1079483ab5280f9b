select distinct on (measure_id, group_by, group_value, period, figure)
    measure_id,
    measure_version,
    group_by,
    group_value,
    period,
    figure,
    printed_value,
    decimals,
    source,
    effective_from
from {{ source('reference', 'published_figures') }} as definition
where {{ is_in_force('definition') }}
order by measure_id, group_by, group_value, period, figure, effective_from desc

select distinct on (cohort_id, version)
    cohort_id,
    version,
    title,
    kind,
    {{ list_of('schemes') }} as schemes,
    frozen_on,
    {{ list_of('index_event') }} as index_event,
    index_from,
    index_to,
    pick,
    {{ list_of('custody_types') }} as custody_types,
    {{ list_of('order_types') }} as order_types,
    min_age,
    max_age,
    sex,
    {{ list_of('areas') }} as areas,
    strand,
    statutory,
    max_sentence_days,
    troubled_family,
    exclude_in_custody_beyond,
    require_baseline_event,
    comparison_cohort,
    {{ list_of('match_on') }} as match_on,
    effective_from
from {{ source('reference', 'cohorts') }} as definition
where {{ is_in_force('definition') }}
order by cohort_id, version, effective_from desc

select distinct on (review)
    review,
    months,
    source,
    effective_from
from {{ source('reference', 'review_rules') }} as definition
where {{ is_in_force('definition') }}
order by review, effective_from desc

select
    release_date.booking_ref,
    release_date.date_type,
    release_date.release_on,
    release_date.calculated_on
from {{ source('raw', 'prison_release_date') }} as release_date
where {{ is_known('prison', 'release_date') }}

select
    youth_order.order_ref,
    youth_order.made_on,
    youth_order.months
from {{ source('raw', 'youth_order') }} as youth_order
where {{ is_known('youth', 'youth_order') }}

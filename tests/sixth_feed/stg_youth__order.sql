select
    youth_order.order_ref,
    link.person_key,
    youth_order.made_on,
    youth_order.months
from {{ source('raw', 'youth_order') }} as youth_order
{{ join_person('youth_person', 'youth_order.person_ref') }}
where {{ is_known('youth', 'youth_order') }}

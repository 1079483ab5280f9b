select
    link.person_key,
    probation_order.order_ref,
    probation_order.order_type,
    {{ offence_code('probation_order.offence_code') }} as offence_code,
    probation_order.sentenced_on,
    probation_order.starts_on,
    probation_order.expected_end_on,
    probation_order.ended_on,
    probation_order.end_reason,
    probation_order.sentence_days,
    probation_order.settled_at_end,
    probation_order.employed_at_end
from {{ source('raw', 'probation_order') }} as probation_order
{{ join_person('probation_person', 'probation_order.crn') }}
where {{ is_known('probation', 'probation_order') }}

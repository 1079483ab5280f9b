-- stg_reference__drug_service_rules: every day from which a rule holds as a row, since what a test is positive for is asked of its day.
select
    rule,
    value,
    source,
    effective_from
from {{ source('reference', 'drug_service_rules') }} as definition
where {{ is_in_force('definition') }}

select
    link.person_key,
    transfer.transfer_ref,
    transfer.case_ref,
    {{ listed_area('transfer.from_district') }} as from_district,
    {{ listed_area('transfer.to_district') }} as to_district,
    transfer.agreed_on,
    transfer.handed_over_on
from {{ source('raw', 'hub_transfer') }} as transfer
{{ join_person('hub_case', 'transfer.case_ref') }}
where {{ is_known('hub', 'transfer') }}

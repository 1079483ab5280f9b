select
    contract.contract_ref,
    contract.provider,
    contract.intention,
    contract.starts_on,
    contract.ends_on,
    contract.annual_budget,
    contract.spent_to_date,
    contract.target_starts,
    contract.target_completions
from {{ source('raw', 'hub_contract') }} as contract
where {{ is_known('hub', 'contract') }}

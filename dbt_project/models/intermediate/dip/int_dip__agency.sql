-- int_dip__agency: one row per agency that gives us records of treatment, or once did, by any sharing agreement there ever was.
-- That one of them works with somebody says that the person is a client, also when the agreement has ended.
select distinct from_agency as agency
from {{ source('reference', 'agreements') }}
where 'dip_client' = any({{ list_of('files') }}) and opened_by_configuration <= {{ var('configuration_id') | int }}

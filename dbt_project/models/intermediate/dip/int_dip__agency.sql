-- int_dip__agency: one row per agency that gives us records of treatment, as the sharing agreements say.
-- That one of them works with somebody says that the person is a client.
select distinct from_agency as agency
from {{ ref('stg_reference__agreements') }}
where 'dip_client' = any(files)

-- int_dip__agency: one row per agency of drug services: who gives us records of treatment, or once did, by any sharing agreement there ever was, and
-- who works with a client by any version of these records.
-- That one of them works with somebody says that the person is a client, also when the agreement has ended. An agency that works with clients
-- and gives us other records too is known for more: it does so by an agreement, or is of a sector that sends a feed of its own. Else one row of
-- one client, which may be a slip, would take it out of every list.
with given as (
    select from_agency, unnest({{ list_of('files') }}) as file
    from {{ source('reference', 'agreements') }}
    where opened_by_configuration <= {{ var('configuration_id') | int }}
)

select from_agency as agency from given where file = 'dip_client'
union
select listed.agency
from {{ source('raw', 'dip_client') }} as client
inner join {{ ref('stg_reference__agencies') }} as listed on listed.agency = client.agency_code
where
    {{ was_known('dip', 'client') }}
    and listed.agency not in (select from_agency from given where file not like 'dip\_%')
    and coalesce(lower(listed.sector) not in ('police', 'probation', 'prison'), true)

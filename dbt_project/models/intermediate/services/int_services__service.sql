-- int_services__service: one row per service and version of it in the hub's directory, with the days on which it was the one that was given.
-- A version is given from the business date of its delivery on, until that of the one that ended it; the first of a service before that as well.
{{ config(indexes=[{'columns': ['service_code']}]) }}
with delivery as (
    select sequence, business_date from {{ ref('int_deliveries__published') }} where feed = 'hub'
)

select
    version.service_code,
    version.service_name,
    version.provider,
    version.contract_ref,
    version.service_type,
    version.pathway,
    version.client_group,
    version.unit_cost,
    version.opened_by_sequence,
    case
        when lag(version.service_code) over (partition by version.service_code order by version.opened_by_sequence) is not null
            then opened.business_date
    end as given_from,
    closed.business_date as given_before
from {{ source('raw', 'hub_service') }} as version
left join delivery as opened on opened.sequence = version.opened_by_sequence
left join delivery as closed on closed.sequence = {{ closed_by('hub', 'version') }}
where {{ was_known('hub', 'version') }}

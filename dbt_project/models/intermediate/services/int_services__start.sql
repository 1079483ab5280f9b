-- int_services__start: one row per person and service that the person ever started, at the first start, with what the year after brought.
-- The day of the start does not count, its anniversary does. Followed is who is known to the police and whose year the police data have reached;
-- nobody's time in prison is taken off. Starts without a service are of one that is unknown.
{% set follow_months = 12 %}
with first_start as (
    select distinct on (person_key, service_code)
        person_key, intervention_ref, service_code, provider, service_type, client_group, referred_on, started_on, result = 'completed' as is_completed
    from {{ ref('int_services__referral') }}
    where started_on is not null
    order by person_key, service_code, started_on, intervention_ref
),

arrested as (
    select distinct first_start.intervention_ref
    from first_start
    inner join {{ ref('int_offences__arrest') }} as arrest
        on arrest.person_key = first_start.person_key
        and arrest.arrested_on > first_start.started_on
        and arrest.arrested_on <= {{ months_after('first_start.started_on', follow_months) }}
)

select
    first_start.person_key,
    first_start.service_code,
    first_start.provider,
    first_start.service_type,
    first_start.client_group,
    first_start.referred_on,
    first_start.started_on,
    first_start.is_completed,
    coalesce(person.is_known_to_police and {{ months_after('first_start.started_on', follow_months) }} <= reach.data_cut, false) as is_followed,
    arrested.intervention_ref is not null as is_rearrested
from first_start
inner join {{ ref('int_people__person') }} as person using (person_key)
cross join {{ reach_of(['police']) }} as reach
left join arrested using (intervention_ref)

-- int_services__referral: one row per referral of a person to a service, with what became of it by the business date.
-- Whoever completed a service, or a part of it, or dropped out has started, though no day is given; where the outcome is that it never started,
-- it has not, though a day is. A start before the referral leaves the wait unknown; an end before the start leaves the end unknown, and the
-- referral counts as started. One that neither started nor ended is waiting, unless its outcome says that it never will start. Without a day of
-- referral nobody knows whether one that did not start was made by now, or how long ago: it is left out. One that started counts by the days on
-- which it started and ended.
-- Contract, provider, price and the rest of a service are those that the directory gave on the day of the start, or gives today where no day of
-- a start is known.
with dated as (
    select
        *,
        outcome is distinct from 'not_started'
        and (started_on <= {{ today() }} or (started_on is null and outcome in ('completed', 'partly', 'dropped_out'))) as is_started,
        ended_on < started_on as is_end_wrong
    from {{ ref('stg_hub__intervention') }}
    where person_key is not null and (referred_on <= {{ today() }} or referred_on is null)
)

select
    dated.person_key,
    dated.intervention_ref,
    dated.service_code,
    coalesce(service.service_name, 'unknown') as service_name,
    coalesce(service.provider, 'unknown') as provider,
    service.contract_ref,
    coalesce(service.service_type, 'unknown') as service_type,
    coalesce(service.pathway::text, 'unknown') as pathway,
    coalesce(service.client_group, 'unknown') as client_group,
    service.unit_cost,
    dated.referral_route,
    dated.referred_on,
    case when dated.is_started then dated.started_on end as started_on,
    case when dated.is_end_wrong is not true then dated.ended_on end as ended_on,
    case
        when dated.is_started then 'started'
        when coalesce(dated.outcome, 'open') = 'open' and dated.ended_on is null then 'waiting'
        else 'never_started'
    end as status,
    case
        when not coalesce(dated.is_started, false) then null
        when dated.is_end_wrong then 'unknown'
        when dated.outcome in ('completed', 'partly', 'dropped_out') then dated.outcome
        when dated.ended_on is null then 'open'
        else 'unknown'
    end as result,
    case when dated.is_started and dated.started_on >= dated.referred_on then dated.started_on - dated.referred_on end as days_waited,
    hub_case.district,
    case hub_case.gp_registered when true then 'registered' when false then 'not_registered' else 'unknown' end as gp,
    person.sex
from dated
inner join {{ ref('int_people__person') }} as person using (person_key)
left join {{ ref('stg_hub__case') }} as hub_case using (case_ref)
left join lateral (  -- deliveries may come out of order, so that two versions claim one day: the later delivery is right
    select version.*
    from {{ ref('int_services__service') }} as version
    cross join (select coalesce(case when dated.is_started then dated.started_on end, {{ today() }}) as day) as asked
    where
        version.service_code = dated.service_code
        and (version.given_from is null or version.given_from <= asked.day)
        and (version.given_before is null or version.given_before > asked.day)
    order by version.opened_by_sequence desc
    limit 1
) as service on true
where dated.referred_on is not null or dated.is_started

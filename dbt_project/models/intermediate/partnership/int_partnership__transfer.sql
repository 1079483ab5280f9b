-- int_partnership__transfer: one row per transfer of a person between districts, with what became of it.
-- One that was never handed over lapses on the day that the person leaves the last scheme. A handover before the agreement has no lag.
with last_stay as (
    select distinct on (person_key) person_key, valid_to
    from {{ ref('int_caseload__spell') }}
    where scheme = 'any' and area_level = 'all'
    order by person_key, valid_from desc
)

select
    transfer.transfer_ref,
    transfer.person_key,
    transfer.from_district,
    transfer.to_district,
    transfer.agreed_on,
    transfer.handed_over_on,
    case when transfer.handed_over_on is null then last_stay.valid_to end as lapsed_on,
    case
        when transfer.handed_over_on is not null then 'handed_over'
        when last_stay.person_key is null or last_stay.valid_to is not null then 'lapsed'
        else 'open'
    end as status,
    case when transfer.handed_over_on >= transfer.agreed_on then transfer.handed_over_on - transfer.agreed_on end as lag_days
from {{ ref('stg_hub__transfer') }} as transfer
left join last_stay on last_stay.person_key = transfer.person_key
where transfer.person_key is not null

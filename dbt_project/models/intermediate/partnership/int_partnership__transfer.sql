-- int_partnership__transfer: one row per transfer of a person between districts, with what became of it.
-- One that was never handed over lapses on the day that the person leaves the last scheme of the stay that goes on after the agreement, or of the
-- first one that begins later: whoever is taken on again needs another. A handover before the agreement has no lag.
with stay as (
    select distinct on (transfer.transfer_ref) transfer.transfer_ref, spell.valid_to
    from {{ ref('stg_hub__transfer') }} as transfer
    inner join {{ ref('int_caseload__spell') }} as spell
        on spell.person_key = transfer.person_key
        and spell.scheme = 'any'
        and spell.area_level = 'all'
        and (spell.valid_to is null or spell.valid_to > transfer.agreed_on)
    order by transfer.transfer_ref, spell.valid_from
)

select
    transfer.transfer_ref,
    transfer.person_key,
    transfer.from_district,
    transfer.to_district,
    transfer.agreed_on,
    transfer.handed_over_on,
    case when transfer.handed_over_on is null then stay.valid_to end as lapsed_on,
    case
        when transfer.handed_over_on is not null then 'handed_over'
        when stay.transfer_ref is null or stay.valid_to is not null then 'lapsed'
        else 'open'
    end as status,
    case when transfer.handed_over_on >= transfer.agreed_on then transfer.handed_over_on - transfer.agreed_on end as lag_days
from {{ ref('stg_hub__transfer') }} as transfer
left join stay on stay.transfer_ref = transfer.transfer_ref
where transfer.person_key is not null

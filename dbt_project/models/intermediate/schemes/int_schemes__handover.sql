-- int_schemes__handover: one row per membership and day within it on which the person was handed over to another district.
-- A transfer that was agreed and not handed over is none. One on the day that a membership begins, or before it, says nothing about that
-- membership, whose row has its own district; several on one day are one,
-- from the district of the one agreed first to that of the one agreed last. A district that takes over and is not given, or that no list has, is
-- none that is known: the person is not in the old one any more. A transfer that names neither district says nothing.
select distinct on (membership.membership_ref, transfer.handed_over_on)
    membership.membership_ref,
    transfer.handed_over_on,
    first_value(transfer.from_district) over (
        partition by membership.membership_ref, transfer.handed_over_on order by transfer.agreed_on nulls first, transfer.transfer_ref
    ) as from_district,
    transfer.to_district
from {{ ref('int_schemes__membership') }} as membership
inner join {{ ref('stg_hub__transfer') }} as transfer
    on transfer.case_ref = membership.case_ref
    and num_nonnulls(transfer.from_district, transfer.to_district) > 0
    and transfer.handed_over_on > membership.valid_from
    and (membership.valid_to is null or transfer.handed_over_on < membership.valid_to)
where {{ has_changed('membership.person_key') }}
order by membership.membership_ref, transfer.handed_over_on, transfer.agreed_on desc nulls last, transfer.transfer_ref desc

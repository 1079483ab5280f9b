-- transfers: one row per transfer of a person between districts and side of it, out of the one and into the other.
-- Whose last stay is on the list of drug services, without consent, is left out: what became of the transfer would tell it.
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
with doubled as (
    select distinct person_key from {{ ref('int_partnership__two_districts') }} as shared where {{ is_open_on('shared', today()) }}
)

select
    transfer.transfer_ref,
    transfer.person_key,
    side.direction,
    side.district,
    lies_in.division,
    side.other_district,
    transfer.agreed_on,
    transfer.handed_over_on,
    transfer.status,
    transfer.lag_days,
    case when transfer.status = 'open' then {{ today() }} - transfer.agreed_on end as days_open,
    doubled.person_key is not null as is_in_two_districts
from {{ ref('int_partnership__transfer') }} as transfer
cross join lateral (
    values ('out', transfer.from_district, transfer.to_district), ('in', transfer.to_district, transfer.from_district)
) as side (direction, district, other_district)
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = side.district
left join doubled on doubled.person_key = transfer.person_key
where side.district is not null and transfer.person_key not in (select person_key from {{ ref('int_schemes__untold') }})

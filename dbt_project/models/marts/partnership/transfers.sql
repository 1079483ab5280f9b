-- transfers: one row per transfer of a person between districts and side of it, out of the one and into the other.
-- Whose last stay is on the list of drug services, without consent, is left out: what became of the transfer would tell it. So is a transfer that
-- the lists which may be told show as lapsed while it is open, or as open while it has lapsed.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
with doubled as (
    select distinct person_key from {{ ref('int_partnership__two_districts') }} as shared where {{ is_open_on('shared', today()) }}
),

told_stay as (
    select distinct on (transfer.transfer_ref) transfer.transfer_ref, upper(stay) is null as is_open
    from (
        select person_key, range_agg(daterange(valid_from, valid_to)) as stays
        from {{ ref('int_schemes__told') }}
        where scheme <> 'TF' and (valid_to is null or valid_to > valid_from)
        group by person_key
    ) as person
    cross join lateral unnest(stays) as stay
    inner join {{ ref('int_partnership__transfer') }} as transfer
        on transfer.person_key = person.person_key and (upper(stay) is null or upper(stay) > transfer.agreed_on)
    order by transfer.transfer_ref, lower(stay)
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
    case when transfer.status = 'open' then greatest(0, {{ data_cut('hub') }} - transfer.agreed_on) end as days_open,
    doubled.person_key is not null as is_in_two_districts
from {{ ref('int_partnership__transfer') }} as transfer
cross join lateral (
    values ('out', transfer.from_district, transfer.to_district), ('in', transfer.to_district, transfer.from_district)
) as side (direction, district, other_district)
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = side.district
left join doubled on doubled.person_key = transfer.person_key
left join told_stay on told_stay.transfer_ref = transfer.transfer_ref
where
    side.district is not null
    and transfer.person_key not in (select person_key from {{ ref('int_schemes__untold') }})
    and (transfer.status = 'handed_over' or (transfer.status = 'open') = coalesce(told_stay.is_open, false))

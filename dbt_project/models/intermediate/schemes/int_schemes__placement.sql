-- int_schemes__placement: one row per person, spell on a scheme and stretch of it in one district.
-- From the day of a handover the person counts in the district that takes over, until the next; before the first in the membership's own, or,
-- where the hub has since written one that took over into the row, in the district that handed over. One that is not known takes over as well, and a
-- membership without a district that is known may have it written into its row. A district that a handover gives lies in
-- the nearest division that the areas say; without one the membership's division stays. A membership that names no division is in that of its
-- district.
{{ build_by_person() }}
with first_district as (
    select
        membership_ref,
        (array_agg(from_district order by handed_over_on))[1] as from_district,
        array_agg(to_district) as taken_over_by
    from {{ ref('int_schemes__handover') }}
    group by membership_ref
),

beginning as (
    select
        membership.membership_ref,
        membership.valid_from as placed_on,
        case
            when coalesce(membership.district = any(handover.taken_over_by), membership.district is null)
                then coalesce(handover.from_district, membership.district)
            else membership.district
        end as district
    from {{ ref('int_schemes__membership') }} as membership
    left join first_district as handover using (membership_ref)
    where {{ has_changed('membership.person_key') }}
    union all
    select membership_ref, handed_over_on, to_district from {{ ref('int_schemes__handover') }}
),

placed as (
    select
        membership_ref, district, placed_on,
        lead(placed_on) over (partition by membership_ref order by placed_on) as left_on
    from beginning
)

select
    membership.person_key,
    membership.membership_ref,
    membership.scheme,
    membership.strand,
    membership.valid_from as joined_on,
    placed.placed_on as valid_from,
    coalesce(placed.left_on, membership.valid_to) as valid_to,
    case when placed.left_on is null then membership.end_reason end as end_reason,
    case
        when placed.district is distinct from membership.district then coalesce(division.nearest, membership.division)
        else coalesce(membership.division, division.nearest)
    end as division,
    placed.district
from placed
inner join {{ ref('int_schemes__membership') }} as membership using (membership_ref)
left join {{ ref('int_areas__nearest') }} as division on division.area = placed.district and division.area_type = 'division'

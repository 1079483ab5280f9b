-- custody_movement: one row per booking, prison delivery of the last four weeks and reception or release that it brought, corrected or withdrew.
-- The list that the police get each night. A booking that follows on another on the same day neither begins nor ends a stay.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
select
    movement.known_on,
    movement.person_key,
    coalesce(movement.home_district, place.district) as district,
    case when movement.home_district is null then place.division else lies_in.division end as division,
    movement.movement,
    movement.moved_on,
    movement.news,
    movement.news <> 'withdrawn' and exists (
        select from {{ ref('int_custody__spell') }} as stay
        where stay.person_key = movement.person_key
            and movement.moved_on = case movement.movement when 'reception' then stay.valid_from else stay.valid_to end
    ) as begins_or_ends_stay,
    movement.establishment,
    movement.custody_type,
    movement.release_type,
    place.schemes
from {{ ref('int_custody__movement') }} as movement
inner join {{ ref('int_partnership__place') }} as place on place.person_key = movement.person_key
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = movement.home_district

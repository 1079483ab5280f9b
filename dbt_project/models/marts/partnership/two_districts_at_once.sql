-- two_districts_at_once: one row per person, district, other district and stretch of days on the books of both.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
select
    shared.person_key,
    shared.district,
    lies_in.division,
    shared.other_district,
    shared.valid_from,
    shared.valid_to,
    {{ is_open_on('shared', today()) }} as is_current
from {{ ref('int_partnership__two_districts') }} as shared
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = shared.district

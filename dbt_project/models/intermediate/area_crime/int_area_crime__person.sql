-- int_area_crime__person: one row per cleared-up crime and person who did it, and whether that was while on a scheme (families apart).
select
    event.crime_ref,
    event.person_key,
    bool_or(membership.person_key is not null) as is_member
from {{ ref('int_offences__event') }} as event
left join {{ ref('int_schemes__membership') }} as membership
    on membership.person_key = event.person_key
    and membership.scheme <> 'TF'
    and {{ is_open_on('membership', 'event.event_on') }}
where event.event_kind = 'detected_crime'
group by event.crime_ref, event.person_key

-- int_area_crime__member: one row per cleared-up crime and person who did it while on a scheme (families apart).
select distinct event.crime_ref, event.person_key
from {{ ref('int_offences__event') }} as event
inner join {{ ref('int_schemes__membership') }} as membership
    on membership.person_key = event.person_key
    and membership.scheme <> 'TF'
    and {{ is_open_on('membership', 'event.event_on') }}
where event.event_kind = 'detected_crime'

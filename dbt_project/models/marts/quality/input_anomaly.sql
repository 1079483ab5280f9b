-- input_anomaly: one row per kind of input that models leave out or read in a stated way, with how often it occurs.
select
    'custody_booking_reversed' as anomaly,
    'left out: released before it was received' as treatment,
    count(*) as row_count
from {{ ref('stg_prison__spell') }}
where released_on < received_on

union all

select 'membership_reversed', 'left out: ended before it began', count(*)
from {{ ref('stg_hub__membership') }}
where ends_on < starts_on

union all

select 'memberships_in_two_districts_at_once', 'counted in both: the hub''s rows say so, and no transfer', count(*)
from {{ ref('int_schemes__placement') }} as one
inner join {{ ref('int_schemes__placement') }} as other
    on other.person_key = one.person_key
    and other.district > one.district
    and ({{ is_open_on('one', 'other.valid_from') }} or {{ is_open_on('other', 'one.valid_from') }})
    and one.valid_from is distinct from one.valid_to
    and other.valid_from is distinct from other.valid_to

union all

select 'offence_without_date', 'counted by the day it became known only', count(*)
from {{ ref('int_offences__proven_offence') }}
where offence_on is null

union all

select 'event_after_death', 'counted; days at risk end at death', count(*)
from {{ ref('int_offences__event') }} as event
inner join {{ ref('int_people__person') }} as person using (person_key)
where event.event_on > person.died_on

union all

select 'event_before_age_of_ten', 'counted; a birth date or an event date is wrong', count(*)
from {{ ref('int_offences__event') }} as event
inner join {{ ref('int_people__person') }} as person using (person_key)
where event.event_on < person.born_on + interval '10 years'

union all

select 'planned_release_passed', 'left out of the release calendar until the prison gives a new day or the release', count(*)
from {{ ref('int_custody__release_plan') }}
where planned_on < {{ today() }}

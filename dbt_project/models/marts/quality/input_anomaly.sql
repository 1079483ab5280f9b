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

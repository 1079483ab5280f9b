-- int_quality__anomaly: one row per person and kind of input that models leave out or read in a stated way, with how often it occurs.
-- A reception or a proof that is an event of two kinds is one that is impossible.
{{ build_by_person() }}
with impossible as (
    select distinct
        event.person_key,
        event.event_ref,
        case
            when event.event_kind like 'custody_return%' then 'custody_return'
            when event.event_kind in ('proven_offence', 'court_conviction') then 'proof'
            else event.event_kind
        end as told_as,
        event.event_on > person.died_on as is_after_death,
        event.event_on < person.born_on + interval '10 years' as is_before_age_of_ten
    from {{ ref('int_offences__event') }} as event
    inner join {{ ref('int_people__person') }} as person using (person_key)
    where
        (event.event_on > person.died_on or event.event_on < person.born_on + interval '10 years')
        and {{ has_changed('event.person_key') }}
)

select person_key, 'custody_booking_reversed' as anomaly, count(*) as row_count
from {{ ref('stg_prison__spell') }}
where released_on < received_on and person_key is not null and {{ has_changed() }}
group by person_key

union all

select person_key, 'membership_reversed', count(*)
from {{ ref('stg_hub__membership') }}
where ends_on < starts_on and person_key is not null and {{ has_changed() }}
group by person_key

union all

select one.person_key, 'memberships_in_two_districts_at_once', count(*)
from {{ ref('int_schemes__placement') }} as one
inner join {{ ref('int_schemes__placement') }} as other
    on other.person_key = one.person_key
    and other.district > one.district
    and ({{ is_open_on('one', 'other.valid_from') }} or {{ is_open_on('other', 'one.valid_from') }})
    and one.valid_from is distinct from one.valid_to
    and other.valid_from is distinct from other.valid_to
where {{ has_changed('one.person_key') }}
group by one.person_key

union all

select person_key, 'offence_without_date', count(*)
from {{ ref('int_offences__proven_offence') }}
where offence_on is null and {{ has_changed() }}
group by person_key

union all

select person_key, 'event_after_death', count(*)
from impossible
where is_after_death
group by person_key

union all

select person_key, 'event_before_age_of_ten', count(*)
from impossible
where is_before_age_of_ten
group by person_key

union all

select person_key, 'service_referral_without_date', count(*)
from {{ ref('stg_hub__intervention') }}
where referred_on is null and person_key is not null and {{ has_changed() }}
group by person_key

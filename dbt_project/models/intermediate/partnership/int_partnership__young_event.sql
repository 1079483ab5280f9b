-- int_partnership__young_event: one row per person and arrest, proved offence or detected crime at 16 to 24, with the age group on its day.
-- An event without a day has no age and is left out. A proved offence knows whether another was committed in the twelve months before it.
{{ build_by_person() }}
with event as (
    select person_key, event_kind, event_ref, event_on
    from {{ ref('int_offences__event') }}
    where event_kind in ('arrest', 'proven_offence', 'detected_crime') and event_on is not null and {{ has_changed() }}
),

aged as (
    select
        event.*,
        {{ age_on('event.event_on', 'person.born_on') }} as age,
        max(event.event_on) over (
            partition by event.person_key, event.event_kind
            order by event.event_on range between interval '12 months' preceding and interval '1 day' preceding
        ) as last_on
    from event
    inner join {{ ref('int_people__person') }} as person using (person_key)
    where {{ has_changed('person.person_key') }}
)

select
    aged.person_key,
    aged.event_kind,
    aged.event_ref,
    aged.event_on,
    case when aged.age < 18 then '16-17' else '18-24' end as age_group,
    aged.event_kind = 'proven_offence' and aged.last_on is not null as is_again_within_a_year
from aged
where aged.age between 16 and 24

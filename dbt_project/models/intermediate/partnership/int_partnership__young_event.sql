-- int_partnership__young_event: one row per person and arrest, proved offence or detected crime at 16 to 24, with the age group on its day.
-- An event without a day has no age and is left out, and a breach of an order is no offence. A proved offence knows whether another was committed in the twelve months before it. The first
-- of a person's events of a kind in a month or quarter is marked, and the first that follows another, so that people are counted without sorting events.
{% set periods = ('month', 'quarter') %}
{{ build_by_person() }}
with event as (
    select person_key, event_kind, event_ref, event_on
    from {{ ref('int_offences__event') }}
    where event_kind in ('arrest', 'proven_offence', 'detected_crime') and event_on is not null and not is_breach and {{ has_changed() }}
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
),

grouped as (
    select
        person_key, event_kind, event_ref, event_on,
        case when age < 18 then '16-17' else '18-24' end as age_group,
        event_kind = 'proven_offence' and last_on is not null as is_again_within_a_year
    from aged
    where age between 16 and 24
)

select
    *
    {%- for period in periods %},
    row_number() over of_{{ period }} = 1 as is_first_of_{{ period }},
    is_again_within_a_year and row_number() over again_in_{{ period }} = 1 as is_first_again_of_{{ period }}
    {%- endfor %}
from grouped
window
    {%- for period in periods %}
    of_{{ period }} as (partition by person_key, event_kind, age_group, date_trunc('{{ period }}', event_on) order by event_on, event_ref),
    again_in_{{ period }} as (
        partition by person_key, event_kind, age_group, date_trunc('{{ period }}', event_on), is_again_within_a_year order by event_on, event_ref
    ){{ ',' if not loop.last }}
    {%- endfor %}

-- release_calendar: one row per person in prison who is planned to be released on the business date or in the 90 days after it, or was a week ago
-- and now is later than that, or not at all, or was to be by now: whoever prepares for the day must learn that it does not come.
-- That nobody was released on a day only a delivery of a later one says: a day that has passed since the prison's last is left out, for it may have come.
-- Of several bookings that are open the one that ends last counts, now and a week ago, which need not be the same one; where one of them has no planned
-- day, the release is not certain. A booking that has ended since, or that the prison has taken away, still says what was planned a week ago, unless the
-- person was released: that is no change, and a new stay has its own plan.
-- After the last bank holiday that the calendar lists nothing is known of offices, but that they close at weekends.
-- Whoever has died by then is not released any more, though the prison may not have closed the booking.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
{% set days_ahead = 90 %}
with closed as (
    select was_open.*
    from {{ ref('int_custody__closed_in_a_week') }} as was_open
    left join {{ ref('int_custody__spell') }} as stay on stay.person_key = was_open.person_key and stay.valid_to is null
    where
        (was_open.released_on is null or was_open.released_on >= stay.valid_from)
        and not exists (
            select from {{ ref('int_custody__spell') }} as ended
            where ended.person_key = was_open.person_key and ended.valid_to > {{ today() }} - 7
        )
),

booking as (
    select
        spell.person_key, spell.booking_ref, true as is_open,
        plan.planned_on, plan.planned_a_week_ago, plan.moved_earlier_count, plan.moved_later_count,
        spell.custody_type, spell.sentence_days, spell.supervision_on_release, spell.accommodation_on_release, spell.home_district
    from {{ ref('stg_prison__spell') }} as spell
    left join {{ ref('int_custody__release_plan') }} as plan using (booking_ref)
    where spell.person_key is not null and spell.released_on is null and spell.received_on is not null

    union all

    select
        person_key, booking_ref, false, null, planned_a_week_ago, 0, 0,
        custody_type, sentence_days, supervision_on_release, accommodation_on_release, home_district
    from closed
),

planned as (
    select
        person_key, is_open, planned_on, moved_earlier_count, moved_later_count,
        max(planned_a_week_ago) over (partition by person_key) as planned_a_week_ago,
        custody_type, sentence_days, supervision_on_release, accommodation_on_release, home_district,
        row_number() over (
            partition by person_key
            order by is_open desc, planned_on desc nulls last, planned_a_week_ago desc nulls last, booking_ref
        ) as nth,
        count(*) filter (where is_open) over (partition by person_key) > count(planned_on) over (partition by person_key) as has_booking_without_plan
    from booking
)

select
    planned.person_key,
    coalesce(planned.home_district, place.district) as district,
    case when planned.home_district is null then place.division else lies_in.division end as division,
    planned.planned_on,
    planned.planned_on - {{ today() }} as days_ahead,
    planned.planned_a_week_ago,
    case
        when not planned.is_open then 'no_longer_due'
        when planned.planned_on is null then 'withdrawn'
        when planned.planned_on < {{ today() }} then 'passed'
        when planned.planned_on > {{ today() }} + {{ days_ahead }} then 'moved_beyond'
        when planned.planned_a_week_ago is null then 'not_known'
        when planned.planned_on < planned.planned_a_week_ago then 'earlier'
        when planned.planned_on > planned.planned_a_week_ago then 'later'
        else 'same'
    end as change_in_a_week,
    planned.moved_earlier_count,
    planned.moved_later_count,
    extract(isodow from planned.planned_on) = 5 as is_friday,
    case when planned.planned_on <= listed.last_day then next_day.day is not null end as is_eve_of_holiday,
    extract(isodow from planned.planned_on) > 5 or case when planned.planned_on <= listed.last_day then same_day.day is not null end
        as is_weekend_or_holiday,
    planned.has_booking_without_plan,
    planned.custody_type,
    {{ is_short_sentence('planned') }} as is_short_sentence,
    coalesce(planned.supervision_on_release, 'unknown') as supervision_on_release,
    coalesce(planned.accommodation_on_release, 'unknown') as accommodation_on_release,
    place.schemes,
    need.open_need_count,
    need.open_pathways,
    {{ data_cut('prison') }} as data_cut
from planned
inner join {{ ref('int_people__person') }} as person on person.person_key = planned.person_key
inner join {{ ref('int_partnership__place') }} as place on place.person_key = planned.person_key
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = planned.home_district
left join {{ ref('stg_reference__calendar') }} as same_day on same_day.day = planned.planned_on and same_day.kind = 'bank_holiday'
left join {{ ref('stg_reference__calendar') }} as next_day on next_day.day = planned.planned_on + 1 and next_day.kind = 'bank_holiday'
cross join (select max(day) as last_day from {{ ref('stg_reference__calendar') }} where kind = 'bank_holiday') as listed
cross join lateral (
    select count(*) as open_need_count, string_agg(pathway::text, ';' order by pathway) as open_pathways
    from {{ ref('int_partnership__open_need') }} as open_need
    where open_need.person_key = planned.person_key
) as need
where
    planned.nth = 1
    and (
        planned.planned_on between {{ today() }} and {{ today() }} + {{ days_ahead }}
        or planned.planned_a_week_ago between {{ today() }} - 7 and {{ today() }} + {{ days_ahead }}
    )
    and (planned.planned_on >= {{ today() }} or planned.planned_on < {{ data_cut('prison') }} or planned.planned_on is null)
    and (person.died_on is null or person.died_on > {{ today() }})

-- int_custody__closed_in_a_week: one row per booking that was open a week ago with a day on which it was to end, and is open no more: with a release, or taken
-- away by the prison, as a mistake or since it was merged with another. `planned_a_week_ago` is what int_custody__release_plan says of those still open.
with a_week_ago as (
    select sequence
    from {{ ref('int_deliveries__published') }}
    where feed = 'prison' and business_date <= {{ today() }} - 7
    order by business_date desc, sequence desc
    limit 1
),

was_open as (
    select
        a_week_ago.sequence, booking.prison_number, booking.booking_ref, booking.custody_type, booking.sentence_days,
        booking.supervision_on_release, booking.accommodation_on_release,
        {{ listed_area('booking.home_district') }} as home_district
    from {{ source('raw', 'prison_spell') }} as booking
    cross join a_week_ago
    where
        {{ was_known('prison', 'booking') }}
        and {{ was_current_at('a_week_ago.sequence', 'booking') }}
        and {{ closed_by('prison', 'booking') }} is not null
        and booking.received_on is not null
        and booking.released_on is null
),

planned as (
    select
        was_open.booking_ref,
        {{ planned_day() }} as planned_on
    from was_open
    inner join {{ source('raw', 'prison_release_date') }} as release_date
        on release_date.booking_ref = was_open.booking_ref and {{ was_current_at('was_open.sequence', 'release_date') }}
    group by was_open.booking_ref
)

select
    link.person_key,
    was_open.booking_ref,
    planned.planned_on as planned_a_week_ago,
    now.released_on,
    was_open.custody_type,
    was_open.sentence_days,
    was_open.supervision_on_release,
    was_open.accommodation_on_release,
    was_open.home_district
from was_open
inner join planned on planned.booking_ref = was_open.booking_ref and planned.planned_on is not null
{{ join_person('prison_person', 'was_open.prison_number') }}
left join {{ ref('stg_prison__spell') }} as now on now.booking_ref = was_open.booking_ref
where link.person_key is not null and (now.booking_ref is null or now.released_on is not null)

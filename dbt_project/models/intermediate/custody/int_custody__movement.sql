-- int_custody__movement: one row per booking, prison delivery and reception or release that it brought, corrected or withdrew.
-- What happened in the four weeks before it became known, for four weeks. A first delivery of every booking there ever was is no news, so
-- older movements are left out.
{% set news_days = 28 %}
with recent as (
    select sequence, business_date as known_on from {{ ref('int_deliveries__published') }}
    where feed = 'prison' and business_date > {{ today() }} - {{ news_days }}
),

version as (
    select
        booking.prison_number, booking.booking_ref, booking.received_on, booking.released_on, booking.establishment, booking.custody_type,
        booking.release_type, {{ listed_area('booking.home_district') }} as home_district, booking.opened_by_sequence as sequence,
        {{ closed_by('prison', 'booking') }} as closed_by
    from {{ source('raw', 'prison_spell') }} as booking
    where {{ was_known('prison', 'booking') }}
),

told as (
    select prison_number, booking_ref, received_on, released_on, establishment, custody_type, release_type, home_district, sequence
    from version
    union all
    select  -- a booking that the prison took away
        prison_number, booking_ref, null, null, establishment, custody_type, release_type, home_district, closed_by
    from version as gone
    where
        closed_by in (select sequence from recent)
        and not exists (select from version as successor where successor.booking_ref = gone.booking_ref and successor.sequence = gone.closed_by)
),

changed as (
    select
        told.*,
        lag(received_on) over (partition by booking_ref order by sequence) as received_before,
        lag(released_on) over (partition by booking_ref order by sequence) as released_before
    from told
    where booking_ref in (select booking_ref from told where sequence in (select sequence from recent))
)

select
    link.person_key,
    changed.booking_ref,
    changed.sequence,
    recent.known_on,
    kind.movement,
    coalesce(kind.day, kind.day_before) as moved_on,
    case when kind.day is null then 'withdrawn' when kind.day_before is null then 'new' else 'corrected' end as news,
    changed.establishment,
    changed.custody_type,
    case when kind.movement = 'release' then changed.release_type end as release_type,
    changed.home_district
from changed
inner join recent using (sequence)
cross join lateral (
    values ('reception', received_on, received_before), ('release', released_on, released_before)
) as kind (movement, day, day_before)
{{ join_person('prison_person', 'changed.prison_number') }}
where
    kind.day is distinct from kind.day_before
    and link.person_key is not null
    and coalesce(kind.day, kind.day_before) > recent.known_on - {{ news_days }}

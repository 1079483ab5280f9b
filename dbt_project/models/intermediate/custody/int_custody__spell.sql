-- int_custody__spell: one row per person and unbroken stay in custody, from the day of reception to the day of release.
-- Bookings that overlap or touch are one stay; a booking without a release keeps it open; one released before it was received is left out.
-- The day of reception is a day in custody and the day of release a day at liberty: the interval is half-open.
{{ build_by_person() }}
with booking as (
    select *, coalesce(released_on, 'infinity') as gone_on
    from {{ ref('stg_prison__spell') }}
    where person_key is not null and received_on is not null and (released_on is null or released_on >= received_on)
        and {{ has_changed() }}
),

reached as (
    select
        *,
        max(gone_on) over (
            partition by person_key order by received_on, gone_on, booking_ref rows between unbounded preceding and 1 preceding
        ) as inside_until
    from booking
),

numbered as (
    select
        *,
        count(*) filter (where inside_until is null or received_on > inside_until)
            over (partition by person_key order by received_on, gone_on, booking_ref) as spell_number
    from reached
),

ended as (
    select
        *,
        min(received_on) over (partition by person_key, spell_number) as stay_from,
        row_number() over (
            partition by person_key, spell_number
            order by gone_on desc, array_position(array['sentenced', 'recall', 'remand', 'other'], custody_type), booking_ref
        ) as from_last
    from numbered
)

select
    person_key,
    spell_number::integer as spell_number,
    min(received_on) as valid_from,
    nullif(max(gone_on), 'infinity') as valid_to,
    count(*)::integer as booking_count,
    coalesce(bool_or(received_on = stay_from and custody_type in ('sentenced', 'remand')), false) as is_received_new,
    coalesce(bool_or(received_on = stay_from and custody_type = 'recall'), false) as is_received_on_recall,
    min(booking_ref) filter (where from_last = 1) as last_booking_ref,
    min(custody_type) filter (where from_last = 1) as last_custody_type,
    min(sentence_days) filter (where from_last = 1) as last_sentence_days,
    min(home_district) filter (where from_last = 1) as home_district
from ended
group by person_key, spell_number

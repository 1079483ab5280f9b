-- int_partnership__open_need: one row per person and pathway with a need that is open on the business date, with who says so.
-- The hub's and OASys assessments that count on the day, and what the prison found in the stay that goes on: by the last assessment of the pathway
-- at any of its bookings, one without a day as of the booking's reception. One source that sees a need is enough: another that sees none does not
-- close it.
{{ config(indexes=[{'columns': ['person_key']}]) }}
with found_in_prison as (
    select distinct on (stay.person_key, resettlement.pathway)
        stay.person_key, resettlement.pathway, resettlement.has_need and resettlement.met_at_release is not true as is_open
    from {{ ref('int_custody__spell') }} as stay
    inner join {{ ref('stg_prison__spell') }} as booking
        on booking.person_key = stay.person_key
        and booking.received_on >= stay.valid_from
        and (booking.released_on is null or booking.released_on >= booking.received_on)
    inner join {{ ref('stg_prison__resettlement') }} as resettlement on resettlement.booking_ref = booking.booking_ref
    cross join lateral (values (coalesce(resettlement.assessed_on, booking.received_on))) as found (found_on)
    where stay.valid_to is null and resettlement.has_need is not null and found.found_on <= {{ today() }}
    order by stay.person_key, resettlement.pathway, found.found_on desc, booking.received_on desc, resettlement.booking_ref desc
),

said as (
    select person_key, pathway, instrument as source
    from {{ ref('int_needs__counting') }} as counting
    where has_need and {{ is_open_on('counting', today()) }}
    union
    select person_key, pathway, 'prison'
    from found_in_prison
    where is_open
)

select person_key, pathway, string_agg(source, ';' order by source) as sources
from said
group by person_key, pathway

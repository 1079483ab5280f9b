-- int_custody__release_plan_version: one row per booking still open and business date whose delivery changed the day it is planned to end.
-- The plan is that of int_custody__planned_release, on each day: the expected release date, else the conditional one. Every version counts as it was known then; of several deliveries of one
-- business date the last one does. A plan that is withdrawn has a row without a day.
with version as (
    select release_date.booking_ref, release_date.date_type, release_date.release_on, release_date.opened_by_sequence,
        {{ closed_by('prison', 'release_date') }} as closed_by_sequence
    from {{ source('raw', 'prison_release_date') }} as release_date
    inner join {{ ref('stg_prison__spell') }} as spell using (booking_ref)
    where
        release_date.date_type in ('expected', 'conditional')
        and release_date.release_on is not null
        and {{ was_known('prison', 'release_date') }}
        and spell.person_key is not null
        and spell.released_on is null
),

moment as (
    select booking_ref, opened_by_sequence as sequence from version
    union
    select booking_ref, closed_by_sequence from version where closed_by_sequence is not null
),

last_of_its_day as (
    select distinct on (moment.booking_ref, delivery.business_date) moment.booking_ref, moment.sequence, delivery.business_date
    from moment
    inner join {{ ref('int_deliveries__published') }} as delivery on delivery.feed = 'prison' and delivery.sequence = moment.sequence
    order by moment.booking_ref, delivery.business_date, moment.sequence desc
)

select distinct on (moment.booking_ref, moment.business_date)
    moment.booking_ref,
    moment.business_date as known_on,
    version.release_on as planned_on
from last_of_its_day as moment
left join version
    on version.booking_ref = moment.booking_ref
    and version.opened_by_sequence <= moment.sequence
    and (version.closed_by_sequence is null or version.closed_by_sequence > moment.sequence)
order by moment.booking_ref, moment.business_date, version.date_type = 'expected' desc nulls last

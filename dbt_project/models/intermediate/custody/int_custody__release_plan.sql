-- int_custody__release_plan: one row per booking still open that is planned to end, or was a week ago, with both plans and how often it has moved.
-- A move is a planned day other than the last one that was known, so a day that goes and comes back moves twice. The first is none.
with moved as (
    select booking_ref, planned_on, lag(planned_on) over (partition by booking_ref order by known_on) as planned_before
    from {{ ref('int_custody__release_plan_version') }}
    where planned_on is not null
),

counted as (
    select
        booking_ref,
        count(*) filter (where planned_on < planned_before) as moved_earlier_count,
        count(*) filter (where planned_on > planned_before) as moved_later_count
    from moved
    group by booking_ref
),

a_week_ago as (
    select distinct on (booking_ref) booking_ref, planned_on
    from {{ ref('int_custody__release_plan_version') }}
    where known_on <= {{ today() }} - 7
    order by booking_ref, known_on desc
)

select
    spell.person_key,
    spell.booking_ref,
    planned.planned_on,
    a_week_ago.planned_on as planned_a_week_ago,
    coalesce(counted.moved_earlier_count, 0) as moved_earlier_count,
    coalesce(counted.moved_later_count, 0) as moved_later_count
from {{ ref('stg_prison__spell') }} as spell
left join {{ ref('int_custody__planned_release') }} as planned on planned.booking_ref = spell.booking_ref
left join counted on counted.booking_ref = spell.booking_ref
left join a_week_ago on a_week_ago.booking_ref = spell.booking_ref
where
    spell.person_key is not null
    and spell.released_on is null
    and coalesce(planned.planned_on, a_week_ago.planned_on) is not null

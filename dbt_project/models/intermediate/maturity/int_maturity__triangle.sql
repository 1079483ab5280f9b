-- int_maturity__triangle: one row per event kind, area, month of the events and months of delay that are over, with the events known by then.
-- Delay 0 is the end of the month in which the event was done. Only months that were over at the data cut have a cell: what became known in
-- the month that still runs waits for its end. An event known before it was done (a wrong date) is known at once.
with reach as (
    select
        data_cut,
        (date_trunc('month', data_cut + 1) - interval '1 month')::date as last_month,
        (date_trunc('month', data_cut + 1) - make_interval(months => {{ var('months_in_triangle') | int }}))::date as first_month
    from (select {{ data_cut('police') }} as data_cut) as delivered
),

by_day as (  -- by days first: there are too many events to work out the months of each
    select event.event_kind, crime.division, event.event_on, event.known_on, count(*) as n_events
    from {{ ref('int_offences__event') }} as event
    left join {{ ref('stg_police__crime') }} as crime using (crime_ref)
    where event.event_kind in ({{ kinds_with_delay() }}) and not event.is_breach and event.event_on is not null
    group by event.event_kind, crime.division, event.event_on, event.known_on
),

event as (
    select
        by_day.event_kind,
        by_day.division,
        date_trunc('month', by_day.event_on)::date as event_month,
        greatest(0, {{ months_between('by_day.event_on', 'by_day.known_on') }}) as delay,
        sum(by_day.n_events) as n_events
    from by_day
    inner join reach on by_day.event_on between reach.first_month and reach.data_cut
    group by by_day.event_kind, by_day.division, event_month, delay
),

increment as (
    select event.event_kind, place.area_level, place.area, event.event_month, event.delay, sum(event.n_events)::bigint as n_events
    from event
    cross join lateral (values ('all', 'all'), ('division', coalesce(event.division, 'unknown'))) as place (area_level, area)
    group by event.event_kind, place.area_level, place.area, event.event_month, event.delay
),

cell as (
    select first_of.event_kind, first_of.area_level, first_of.area, opening.month::date as event_month, delay, reach.last_month, reach.data_cut
    from (
        select event_kind, area_level, area, min(event_month) as month from increment group by event_kind, area_level, area
    ) as first_of
    cross join reach
    cross join lateral generate_series(first_of.month, reach.last_month, interval '1 month') as opening (month)
    cross join lateral generate_series(
        0, least({{ var('months_of_delay') | int }}, {{ months_between('opening.month', 'reach.last_month') }})
    ) as delay
)

select
    cell.event_kind,
    cell.area_level,
    cell.area,
    cell.event_month,
    cell.delay,
    sum(coalesce(increment.n_events, 0)) over (
        partition by cell.event_kind, cell.area_level, cell.area, cell.event_month order by cell.delay
    )::bigint as n_known,
    cell.last_month,
    cell.data_cut
from cell
left join increment  -- by one text: by all five the planner takes a join by the first three, and looks through every month and delay of an area
    on concat_ws(' ', increment.event_kind, increment.area_level, increment.area, increment.event_month, increment.delay)
    = concat_ws(' ', cell.event_kind, cell.area_level, cell.area, cell.event_month, cell.delay)

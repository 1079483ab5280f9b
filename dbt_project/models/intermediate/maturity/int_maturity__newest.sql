-- int_maturity__newest: one row per event kind, area and month of the events, with the newest cell of its triangle and the triangle's extent.
with cell as (
    select *, max(delay) over (partition by event_kind, area_level, area) as most_delay
    from {{ ref('int_maturity__triangle') }}
),

newest as (
    select distinct on (event_kind, area_level, area, event_month) *
    from cell
    order by event_kind, area_level, area, event_month, delay desc
)

select
    {{ maturity_subject(['event_kind', 'area_level', 'area', 'event_month']) }} as subject,
    *,
    sum(n_known) over (partition by event_kind, area_level, area)::bigint as n_in_triangle,
    (last_month + interval '1 month')::date - 1 as known_on
from newest

-- delay_triangle: one row per event kind, area, month of the events and months of delay that are over.
select
    event_kind, area_level, area, event_month, delay as months_of_delay, n_known,
    n_known - lag(n_known, 1, 0::bigint) over (partition by event_kind, area_level, area, event_month order by delay) as n_newly_known,
    data_cut
from {{ ref('int_maturity__triangle') }}

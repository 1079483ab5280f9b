-- int_maturity__factor: one row per event kind, area and months of delay, with how the known count grows in the month after that.
-- Chain ladder, by volume: all known a month later over all known at this delay. Its variance is Mack's; a delay that one month of events alone
-- has passed takes Mack's extrapolation from the two before. Months of which nothing was known at this delay say nothing about the variance.
with grown as (
    select
        *,
        n_known::double precision as n_before,
        lead(n_known) over (partition by event_kind, area_level, area, event_month order by delay)::double precision as n_after
    from {{ ref('int_maturity__triangle') }}
),

link as (
    select
        *,
        sum(n_after) over delays / nullif(sum(n_before) over delays, 0) as factor
    from grown
    where n_after is not null
    window delays as (partition by event_kind, area_level, area, delay)
),

spread as (
    select
        event_kind, area_level, area, delay, factor,
        sum(n_before) as base,
        sum(n_before * power(n_after / nullif(n_before, 0) - factor, 2)) / nullif(count(*) filter (where n_before > 0) - 1, 0) as variance
    from link
    group by event_kind, area_level, area, delay, factor
)

select
    event_kind, area_level, area, delay, factor, base,
    coalesce(variance, least(
        power(lag(variance) over delays, 2) / nullif(lag(variance, 2) over delays, 0), lag(variance) over delays, lag(variance, 2) over delays
    )) as variance
from spread
window delays as (partition by event_kind, area_level, area order by delay)

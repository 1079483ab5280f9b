-- dip_caseload_by_day: one row per area and stretch of days on which nobody came or went: the caseload on any date is the row that covers it.
-- A person counts once in each area and once in all of them, however many episodes are open.
with held as (
    select split.area_level, split.area, episode.client, unnest(range_agg(daterange(episode.valid_from, episode.valid_to))) as days
    from {{ ref('int_dip__episode') }} as episode
    {{ counted_in([['area', 'episode.area']], []) }}
    where episode.valid_to is null or episode.valid_to > episode.valid_from
    group by split.area_level, split.area, episode.client
),

moved as (
    select area_level, area, lower(days) as day, 1 as change from held
    union all
    select area_level, area, upper(days), -1 from held where upper(days) is not null
),

net as (
    select area_level, area, day, sum(change) as change
    from moved
    group by area_level, area, day
)

select
    net.area_level,
    net.area,
    net.day as valid_from,
    lead(net.day) over days as valid_to,
    (sum(net.change) over days)::bigint as n_people,
    reach.data_cut
from net
cross join {{ reach_of(['dip']) }} as reach
window days as (partition by net.area_level, net.area order by net.day)

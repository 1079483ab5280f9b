-- dip_caseload: one row per month or quarter, area and group that had anybody: the caseload on its last day, and who came and went in it.
-- A person stands once in each area's caseload and once in that of all areas, however many episodes are open.
{% set moves = (
    'n_taken_on', 'n_people_taken_on', 'n_from_prison', 'n_people_from_prison', 'n_transferred_in', 'n_closed', 'n_people_closed', 'n_completed',
    'n_people_completed', 'n_to_custody', 'n_people_to_custody', 'n_transferred_out',
) %}
with stock as (
    select
        period.period_kind, period.period_start, split.area_level, split.area, split.group_by, split.group_value,
        count(distinct episode.client) as n_people,
        count(*) as n_episodes,
        count(distinct episode.client) filter (where episode.is_in_two_areas) as n_in_two_areas
    from {{ ref('int_periods__period') }} as period
    inner join (
        select
            period_end, episode.*,
            min(nullif(area, 'unknown')) over (partition by period_end, client)
            <> max(nullif(area, 'unknown')) over (partition by period_end, client) as is_in_two_areas
        from (select distinct period_end from {{ ref('int_periods__period') }}) as day
        inner join {{ ref('int_dip__episode') }} as episode on {{ is_open_on('episode', 'day.period_end') }}
    ) as episode using (period_end)
    {{ counted_in([['area', 'episode.area']], [['sex', 'episode.sex']]) }}
    group by period.period_kind, period.period_start, split.area_level, split.area, split.group_by, split.group_value
),

flow as (
    select
        period.period_kind, period.period_start, split.area_level, split.area, split.group_by, split.group_value,
        count(*) filter (where moved.direction = 'in') as n_taken_on,
        count(distinct episode.client) filter (where moved.direction = 'in') as n_people_taken_on,
        count(*) filter (where moved.direction = 'in' and episode.contact_reason = 'prison_release') as n_from_prison,
        count(distinct episode.client) filter (where moved.direction = 'in' and episode.contact_reason = 'prison_release') as n_people_from_prison,
        count(*) filter (where moved.direction = 'in' and episode.transferred_from <> episode.area) as n_transferred_in,
        count(*) filter (where moved.direction = 'out') as n_closed,
        count(distinct episode.client) filter (where moved.direction = 'out') as n_people_closed,
        count(*) filter (where moved.direction = 'out' and episode.closure_reason = 'completed') as n_completed,
        count(distinct episode.client) filter (where moved.direction = 'out' and episode.closure_reason = 'completed') as n_people_completed,
        count(*) filter (where moved.direction = 'out' and episode.closure_reason = 'custody') as n_to_custody,
        count(distinct episode.client) filter (where moved.direction = 'out' and episode.closure_reason = 'custody') as n_people_to_custody,
        count(*) filter (where moved.direction = 'out' and episode.transferred_to <> episode.area) as n_transferred_out
    from {{ ref('int_dip__episode') }} as episode
    cross join lateral (
        values ('in', episode.valid_from), ('out', greatest(episode.valid_to, case when episode.valid_to is not null then episode.valid_from end))
    ) as moved (direction, moved_on)
    {{ in_period('moved.moved_on', ['month', 'quarter']) }}
    {{ counted_in([['area', 'episode.area']], [['sex', 'episode.sex']]) }}
    group by period.period_kind, period.period_start, split.area_level, split.area, split.group_by, split.group_value
)

select
    period_kind,
    period_start,
    period.period_end,
    area_level,
    area,
    group_by,
    group_value,
    coalesce(stock.n_people, 0) as n_people,
    coalesce(stock.n_episodes, 0) as n_episodes,
    coalesce(stock.n_in_two_areas, 0) as n_in_two_areas,
    {%- for moved in moves %}
    coalesce(flow.{{ moved }}, 0) as {{ moved }},
    {%- endfor %}
    coalesce(period.last_day <= reach.data_cut, false) as is_complete,
    reach.data_cut
from stock
full join flow using (period_kind, period_start, area_level, area, group_by, group_value)
inner join {{ ref('int_periods__period') }} as period using (period_kind, period_start)
cross join {{ reach_of(['dip']) }} as reach

-- order_outcomes: one row per quarter in which orders and licences ended, kind of order, outcome, area and group of people.
-- An order that ended by death has no outcome, and one that ended before it began is no order. Unknown is no `no`.
with order_end as (  -- somebody whose orders end on either side of a birthday is one person of the first age only
    select
        orders.*, person.district, person.sex, {{ age_band(age_on('orders.ended_on', 'person.born_on')) }} as age_band,
        period.period_start, period.period_end, period.last_day,
        row_number() over (partition by period.period_start, orders.person_key order by orders.ended_on, orders.order_ref) = 1 as is_first,
        row_number() over (
            partition by period.period_start, orders.person_key, orders.order_type order by orders.ended_on, orders.order_ref
        ) = 1 as is_first_of_type
    from {{ ref('stg_probation__order') }} as orders
    inner join {{ ref('int_people__person') }} as person using (person_key)
    {{ in_period('orders.ended_on') }}
    where orders.end_reason is distinct from 'died' and (orders.starts_on <= orders.ended_on or orders.starts_on is null)
),

ended as (  -- the finest groups first, so that no order is held against every group that it counts in
    select
        orders.period_start, orders.period_end, orders.last_day, coalesce(orders.order_type, 'unknown') as order_type,
        orders.district, orders.sex, orders.age_band, outcome.outcome,
        count(*) as n_ended,
        count(*) filter (where orders.is_first) as n_first,
        count(*) filter (where orders.is_first_of_type) as n_first_of_type,
        count(*) filter (where outcome.is_reached) as n_reached,
        count(*) filter (where not outcome.is_reached) as n_not_reached,
        count(*) filter (where outcome.is_reached is null) as n_unknown
    from order_end as orders
    cross join lateral (
        values ('settled_accommodation', orders.settled_at_end), ('employed', orders.employed_at_end)
    ) as outcome (outcome, is_reached)
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

counted as (
    select
        period_start, period_end, last_day, kind.order_type, outcome, area_level, area, group_by, group_value,
        sum(case kind.order_type when 'all' then n_first else n_first_of_type end)::bigint as n_people,
        {%- for count in ('n_ended', 'n_reached', 'n_not_reached', 'n_unknown') %}
        sum({{ count }})::bigint as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ended
    cross join lateral (values ('all'), (ended.order_type)) as kind (order_type)
    {{ counted_in([['district', 'ended.district']], [['sex', 'ended.sex'], ['age_band', 'ended.age_band']]) }}
    group by period_start, period_end, last_day, kind.order_type, outcome, area_level, area, group_by, group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.order_type,
    counted.outcome,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_ended,
    counted.n_people,
    counted.n_reached,
    counted.n_not_reached,
    counted.n_unknown,
    counted.n_reached::numeric / nullif(counted.n_reached + counted.n_not_reached, 0) as share,
    wilson.low as ci_low,
    wilson.high as ci_high,
    coalesce(counted.last_day <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
cross join {{ reach_of(['probation']) }} as reach
cross join lateral statistics.wilson_interval(counted.n_reached, counted.n_reached + counted.n_not_reached) as wilson

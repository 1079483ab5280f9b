-- order_outcomes: one row per quarter in which orders and licences ended, kind of order, outcome, area and group of people.
-- An order that ended by death has no outcome, and one that ended before it began is no order. Unknown is no `no`.
with ended as (
    select
        period.period_start, period.period_end, period.last_day, kind.order_type, outcome.outcome, outcome.is_reached,
        split.area_level, split.area, split.group_by, split.group_value
    from {{ ref('stg_probation__order') }} as orders
    inner join {{ ref('int_people__person') }} as person using (person_key)
    {{ in_period('orders.ended_on') }}
    cross join lateral (values ('all'), (coalesce(orders.order_type, 'unknown'))) as kind (order_type)
    cross join lateral (
        values ('settled_accommodation', orders.settled_at_end), ('employed', orders.employed_at_end)
    ) as outcome (outcome, is_reached)
    {{ counted_in([['district', 'person.district']], [['sex', 'person.sex'], ['age_band', age_band(age_on('orders.ended_on', 'person.born_on'))]]) }}
    where orders.end_reason is distinct from 'died' and (orders.starts_on <= orders.ended_on or orders.starts_on is null)
),

counted as (
    select
        period_start, period_end, last_day, order_type, outcome, area_level, area, group_by, group_value,
        count(*) as n_ended,
        count(*) filter (where is_reached) as n_reached,
        count(*) filter (where not is_reached) as n_not_reached,
        count(*) filter (where is_reached is null) as n_unknown
    from ended
    group by period_start, period_end, last_day, order_type, outcome, area_level, area, group_by, group_value
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

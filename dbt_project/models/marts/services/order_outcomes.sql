-- order_outcomes: one row per quarter in which orders and licences ended, kind of order, outcome, area and group of people. Unknown is no `no`.
{% set marks = ('first', 'first_of_type') %}
{% set groups = ('', '_in_age_band', '_in_managed') %}
with ended as (  -- the finest groups first, so that no order is held against every group that it counts in
    select
        period.period_start, period.period_end, period.last_day, orders.order_type,
        orders.district, orders.sex, orders.age_band, case when orders.is_managed then 'managed' else 'others' end as managed, outcome.outcome,
        count(*) as n_ended,
        {%- for group in groups %}
        {%- for mark in marks %}
        count(*) filter (where orders.is_{{ mark }}{{ group }}) as n_{{ mark }}{{ group }},
        {%- endfor %}
        {%- endfor %}
        count(*) filter (where outcome.is_reached) as n_reached,
        count(*) filter (where not outcome.is_reached) as n_not_reached,
        count(*) filter (where outcome.is_reached is null) as n_unknown
    from {{ ref('int_services__order_end') }} as orders
    {{ in_period('orders.ended_on') }}
    cross join lateral (
        values ('settled_accommodation', orders.settled_at_end), ('employed', orders.employed_at_end)
    ) as outcome (outcome, is_reached)
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

counted as (
    select
        period_start, period_end, last_day, kind.order_type, outcome, area_level, area, group_by, group_value,
        sum(
            case '_in_' || group_by
                {%- for group in groups if group %}
                when '{{ group }}' then case kind.order_type when 'all' then n_first{{ group }} else n_first_of_type{{ group }} end
                {%- endfor %}
                else case kind.order_type when 'all' then n_first else n_first_of_type end
            end
        )::bigint as n_people,
        {%- for count in ('n_ended', 'n_reached', 'n_not_reached', 'n_unknown') %}
        sum({{ count }})::bigint as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ended
    cross join lateral (values ('all'), (ended.order_type)) as kind (order_type)
    {{ counted_in([['district', 'ended.district']], [['sex', 'ended.sex'], ['age_band', 'ended.age_band'], ['managed', 'ended.managed']]) }}
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

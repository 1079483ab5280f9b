-- offence_cost: one row per measure version, period or horizon, role and offence set with a unit cost, or offence code without one.
with counted as (
    select
        event.measure_id, event.measure_version, event.period_number, event.role,
        cost.offence_set,
        case when cost.offence_set is null then {{ offence_or_class('event') }} end as offence_without_cost,
        count(*) as n_events
    from {{ ref('int_cost__event') }} as event
    left join {{ ref('int_cost__offence_cost') }} as cost on {{ same_offence('cost', 'event') }}
    where event.is_counted
    group by event.measure_id, event.measure_version, event.period_number, event.role, cost.offence_set, offence_without_cost
)

select
    counted.measure_id, counted.measure_version, counted.period_number, counted.role,
    counted.offence_set, counted.offence_without_cost, counted.n_events,
    {%- for estimate in ['low', 'central', 'high'] %}
    unit.{{ estimate }} as unit_cost_{{ estimate }},
    counted.n_events * unit.{{ estimate }} as cost_{{ estimate }},
    {%- endfor %}
    unit.price_year, unit.source_price_year, unit.effective_from as unit_cost_version, unit.confidence, unit.source,
    figure.days_at_liberty, figure.status, figure.data_cut
from counted
inner join {{ ref('int_cost__figure') }} as figure using (measure_id, measure_version, period_number, role)
left join {{ ref('int_cost__unit_cost') }} as unit on unit.offence_set = counted.offence_set

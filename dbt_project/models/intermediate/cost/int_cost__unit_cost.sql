-- int_cost__unit_cost: one row per offence set with a unit cost, at the prices of the newest year of the deflator.
-- Where the deflator has no index for the year of the source, the amounts stay at the prices of that year.
with newest as (
    select year, index from {{ ref('stg_reference__deflators') }} order by year desc limit 1
)

select
    unit.offence_set,
    case when of_source.index > 0 then newest.year else unit.price_year end as price_year,
    unit.price_year as source_price_year,
    {%- for estimate in ['low', 'central', 'high'] %}
    {{ deflated('unit.' ~ estimate, 'of_source.index', 'newest.index') }} as {{ estimate }},
    {%- endfor %}
    {{ confidence('unit.source') }} as confidence,
    unit.source,
    unit.effective_from
from {{ ref('stg_reference__unit_costs') }} as unit
left join {{ ref('stg_reference__deflators') }} as of_source on of_source.year = unit.price_year
left join newest on true

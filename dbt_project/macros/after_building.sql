{#- Statistics of a table just built, so that the planner does not guess at the next join. A view has none. -#}
{% macro gather_statistics() -%}
    {% if model.config.materialized == 'table' %}analyze {{ this }}{% endif %}
{%- endmacro %}

{#- Let the publisher read the marts, or the copy of an earlier night, and people what their role may see of the marts. -#}
{% macro open_marts(schemas) -%}
    {%- if execute -%}
        {%- for schema in schemas if schema.startswith('mart_') or schema == var('as_of_schema') %}
    grant usage on schema {{ adapter.quote(schema) }} to iom_publisher;
    grant select on all tables in schema {{ adapter.quote(schema) }} to iom_publisher;
        {%- endfor %}
    select access.open_own_tables();
    {%- endif -%}
{%- endmacro %}

{#- Row policies of a mart about single people: a login sees the rows of its own areas, the publisher all. -#}
{% macro limit_to_own_areas() -%}
    alter table {{ this }} enable row level security;
    create policy own_areas on {{ this }} for select to iom_analyst, iom_practitioner, iom_steward
        using (district in (select area from access.my_area) or division in (select area from access.my_area));
    create policy publishing on {{ this }} for select to iom_publisher using (true)
{%- endmacro %}

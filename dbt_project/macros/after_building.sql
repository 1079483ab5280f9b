{#- Statistics of a table made from nothing, so that the planner does not guess at the next join. A view has none. -#}
{% macro gather_statistics() -%}
    {% if model.config.materialized in ['table', 'incremental'] and not keeps_its_table() %}analyze {{ this }}{% endif %}
{%- endmacro %}

{#- Let the publisher, the functions of the owner that make feedback, and analysts read the marts just built, or their copy as of an
    earlier night; practitioners read those that limit_to_own_areas opens to them. In such a copy the layers below the marts lie in the same schema; nobody is let into those. -#}
{% macro open_marts(results) -%}
    {%- if execute -%}
        {%- for result in results
            if result.status == 'success' and result.node.resource_type == 'model' and result.node.fqn[1] == 'marts' %}
    grant usage on schema {{ adapter.quote(result.node.schema) }} to iom_publisher, iom_owner, iom_analyst, iom_practitioner;
    grant select on {{ result.node.relation_name }} to iom_publisher, iom_owner, iom_analyst;
        {%- endfor %}
    select access.open_own_tables();
    {%- endif -%}
{%- endmacro %}

{#- Row policies of a mart about single people: a login sees the rows of its own areas, that of the whole partnership all, those without
    an area or in one that nobody lists among them, as do the publisher and the owner. Analysts read every such mart; practitioners those that
    they work from (`for_casework`), by the same keys without names, and no other mart. In a copy as of an earlier night people read no row of them:
    it tells of whoever consented then, and may have taken it back. -#}
{% macro limit_to_own_areas(for_casework=false) -%}
    {%- if not keeps_its_table() %}
    alter table {{ this }} enable row level security;
    {%- if for_casework %}
    grant select on {{ this }} to iom_practitioner;
    {%- endif %}
    {%- if not this.schema.startswith('asof_') %}
    create policy own_areas on {{ this }} for select to iom_analyst{{ ', iom_practitioner' if for_casework }}
        using (
            district in (select area from access.my_area) or division in (select area from access.my_area)
            or 'unknown' in (select area from access.my_area)
        );
    {%- endif %}
    create policy publishing on {{ this }} for select to iom_publisher, iom_owner using (true)
    {%- endif %}
{%- endmacro %}

{#- A view is put in the place of the last one by one statement, since nearly every build makes them all again. Only where everything is made
    may its columns have changed: there it is dropped first. -#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- if existing and (should_full_refresh() or not existing.is_view) -%}
        {%- do drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace view {{ view }} as {{ sql }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [view]}) }}
{%- endmaterialization %}

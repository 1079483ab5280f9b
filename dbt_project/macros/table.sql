{#- A table is made beside the last one and takes its place by one statement, in one transaction with its statistics and grants: whoever
    reads sees the one or the other. dbt's own way sends seven statements for it, and nearly every build makes every table. -#}
{% materialization table, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set made = make_intermediate_relation(table) -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, made, sql) }}
    {%- endcall -%}
    {%- do create_indexes(made) -%}
    {%- call statement('take_its_place') -%}
        {% if existing %}drop {{ existing.type }} if exists {{ existing }} cascade;{% endif %}
        alter table {{ made }} rename to {{ table.identifier }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}

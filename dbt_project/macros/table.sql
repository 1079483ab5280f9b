{#- A table is made beside the last one and takes its place by one statement, in one transaction with its statistics and row policies:
    whoever reads sees the one or the other. dbt's own way sends seven statements for it, and nearly every build makes most tables. -#}
{% materialization table, adapter='postgres' -%}
    {{ make_beside_the_last_one() }}
    {{ return(finish_table()) }}
{%- endmaterialization %}

{#- A table that keeps its rows but those that may differ: the new ones are made first, then the strategy (changes.sql) puts them in the place
    of the old. Its columns cannot have changed, since where the project has changed everything is made. -#}
{% materialization incremental, adapter='postgres' -%}
    {%- if should_full_refresh() or not load_cached_relation(this) -%}
        {{ make_beside_the_last_one() }}
    {%- else -%}
        {%- set new_rows = make_temp_relation(this) -%}
        {%- do run_query(get_create_table_as_sql(True, new_rows, sql)) -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
        {%- call statement('main') -%}
            {{ strategy({'target_relation': this, 'temp_relation': new_rows, 'dest_columns': adapter.get_columns_in_relation(this)}) }}
        {%- endcall -%}
    {%- endif -%}
    {{ return(finish_table()) }}
{%- endmaterialization %}

{% macro make_beside_the_last_one() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set made = make_intermediate_relation(this.incorporate(type='table')) -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, made, sql) }}
    {%- endcall -%}
    {%- do create_indexes(made) -%}
    {%- call statement('take_its_place') -%}
        {% if existing %}{{ drop_one_at_a_time(existing) }}{% endif %}
        alter table {{ made }} rename to {{ this.identifier }}
    {%- endcall -%}
{%- endmacro %}

{% macro finish_table() -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmacro %}

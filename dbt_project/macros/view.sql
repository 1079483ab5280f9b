{#- A view is put in the place of the last one by one statement, since nearly every build makes them all again. Only where everything is made
    may its columns have changed: there it is dropped first. -#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- if existing and (should_full_refresh() or not existing.is_view) -%}
        {%- call statement('drop') -%}{{ drop_one_at_a_time(existing) }}{%- endcall -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace view {{ view }} as {{ sql }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [view]}) }}
{%- endmaterialization %}

{#- Drop a relation with the views that read it. PostgreSQL locks them in the order in which they stand in its catalogue, which is another for
    each relation: two threads that drop at once can each wait for what the other has, and one of them would fail ("deadlock detected"). A table that
    nothing reads need not wait; a view always does, since its own rule reads it. -#}
{% macro drop_one_at_a_time(relation) -%}
    select pg_advisory_xact_lock(hashtext('iom.drop')) where exists (
        select from pg_depend where refobjid = to_regclass('{{ relation.include(database=false) }}') and classid = 'pg_rewrite'::regclass
    );
    drop {{ relation.type }} if exists {{ relation }} cascade;
{%- endmacro %}

{#- Building again only what may differ since an earlier build of the same night or one before it. `since_build` is that build, or 0: then
    every condition here is true, and every table is made from nothing. Who may differ stands in intermediate.person_to_rebuild. -#}

{#- The settings of a table about people, of which only the rows of some are made again: of those with changes, or, where rows also depend
    on the day to which data reach, of those whose rows were not settled as well, or, where they look back from today, of those for
    whom the days that passed make a difference. A table about people on days adds the days that are new.
    `also_by` is what else, beside people and days, rows are found by. -#}
{% macro build_by_person(who='changed_people', also_by=none) -%}
    {%- set keys = [['person_key', 'as_on'], ['as_on']] if who == 'changed_people_and_days' else [['person_key']] -%}
    {%- set indexes = [] -%}
    {%- for columns in keys + ([[also_by]] if also_by else []) -%}
        {%- do indexes.append({'columns': columns}) -%}
    {%- endfor -%}
    {{ config(materialized='incremental', incremental_strategy=who, indexes=indexes) }}
{%- endmacro %}

{#- A condition: something about the person has changed, so that any row about the person may differ. -#}
{% macro has_changed(person_key='person_key') -%}
    {{ _is_to_rebuild(person_key, 'is_changed') }}
{%- endmacro %}

{#- A condition: the same, or a window of the person was open or has become final, so that rows made of windows may differ. -#}
{% macro has_changed_or_is_unsettled(person_key='person_key') -%}
    {{ _is_to_rebuild(person_key, 'is_unsettled') }}
{%- endmacro %}

{#- A condition: the same as has_changed, or what is known of the person looks otherwise from today than from the day of the last build. -#}
{% macro has_changed_or_has_aged(person_key='person_key') -%}
    {{ _is_to_rebuild(person_key, 'is_aged') }}
{%- endmacro %}

{#- A condition: the same as has_changed, or this table had no row of that day yet. -#}
{% macro has_changed_or_day_is_new(person_key, day) -%}
    {%- set days = ref('int_caseload__day') -%}
    {%- if is_since_a_build() -%}
    (
        {{ has_changed(person_key) }}
        or {{ day }} in (select as_on from {{ days }} as day where not exists (select from {{ this }} as before where before.as_on = day.as_on))
    )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Whether this build makes only what may differ since an earlier one. -#}
{% macro is_since_a_build() -%}
    {{ return(var('since_build') | int > 0) }}
{%- endmacro %}

{#- Whether the table of this model keeps what it had: its rows of most people, its statistics, its row policies. -#}
{% macro keeps_its_table() -%}
    {{ return(model.config.materialized == 'incremental' and is_since_a_build()) }}
{%- endmacro %}

{% macro _is_to_rebuild(person_key, which) -%}
    {%- if not is_since_a_build() -%} true
    {%- elif execute and model.config.materialized == 'incremental' and load_relation(this) is none -%}
        {{ exceptions.raise_compiler_error(this ~ ' is gone: build again with --full.') }}
    {%- else -%}
    {{ person_key }} in ({{ people_to_rebuild(which) }})
    {%- endif -%}
{%- endmacro %}

{% macro people_to_rebuild(which) -%}
    select person_key from {{ source('changes', 'person_to_rebuild') }} where since_build = {{ var('since_build') | int }} and {{ which }}
{%- endmacro %}

{#- How dbt brings a table about people up to date: the rows of those people go, whether or not there are new ones. -#}
{% macro get_incremental_changed_people_sql(arguments) -%}
    {{ _replace_rows(arguments, 'person_key in (' ~ people_to_rebuild('is_changed') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_unsettled_people_sql(arguments) -%}
    {{ _replace_rows(arguments, 'person_key in (' ~ people_to_rebuild('is_unsettled') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_aged_people_sql(arguments) -%}
    {{ _replace_rows(arguments, 'person_key in (' ~ people_to_rebuild('is_aged') ~ ')') }}
{%- endmacro %}

{#- A day that figures are no longer given for goes with all its rows: last night's business date, or what is over ten years ago. -#}
{% macro get_incremental_changed_people_and_days_sql(arguments) -%}
    {{ _replace_rows(
        arguments,
        'person_key in (' ~ people_to_rebuild('is_changed') ~ ') or as_on not in (select as_on from ' ~ ref('int_caseload__day') ~ ')'
    ) }}
{%- endmacro %}

{% macro _replace_rows(arguments, condition) -%}
    {%- set table, new_rows = arguments.target_relation, arguments.temp_relation -%}
    {%- if is_since_a_build() and _has_tally() %}
    {{ move_tally('(select * from ' ~ table ~ ' where ' ~ condition ~ ')', new_rows) }}
    {%- endif %}
    delete from {{ table }} {{ 'where ' ~ condition if is_since_a_build() }};
    {{ get_insert_into_sql(table, new_rows, arguments.dest_columns) }}
{%- endmacro %}

{#- dbt's own macro, by which a test reads its model: a test of a table about people looks at those whose rows were made again. -#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- if is_since_a_build() and tested and tested.config.materialized == 'incremental' -%}
        {%- set which = {'unsettled_people': 'is_unsettled', 'aged_people': 'is_aged'}.get(tested.config.incremental_strategy, 'is_changed') -%}
        {{ return('(select * from ' ~ relation ~ ' where person_key in (' ~ people_to_rebuild(which) ~ ')) as rebuilt') }}
    {%- else -%}
        {{ return(default__get_where_subquery(relation)) }}
    {%- endif -%}
{%- endmacro %}

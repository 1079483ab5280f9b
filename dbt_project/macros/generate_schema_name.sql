{#- Schema of a model: the one its folder names, or, in a rebuild of an earlier night, the schema of that rebuild. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('as_of_schema') or (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

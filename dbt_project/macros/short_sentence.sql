{#- Whether a booking is of a short sentence; empty where it is of none, on remand for example. -#}
{% macro is_short_sentence(booking) -%}
    case when {{ booking }}.custody_type in ('sentenced', 'recall') then {{ booking }}.sentence_days < {{ var('short_sentence_days') | int }} end
{%- endmacro %}

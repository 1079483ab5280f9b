{#- The pairs of instrument and pathway that figures about needs are given for. OASys has no section on pathways 8 and 9. -#}
{% macro needs_asked() -%}
    {%- set asked = [] -%}
    {%- for instrument, pathways in [('hub', 9), ('oasys', 7)] -%}
        {%- for pathway in range(1, pathways + 1) -%}
            {%- do asked.append({'instrument': instrument, 'pathway': pathway, 'name': instrument ~ '_' ~ pathway}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(asked) }}
{%- endmacro %}

{#- Forms that are the same wherever a value comes from. -#}

{#- Day of a moment, in Europe/London whatever the session says. -#}
{% macro london_date(expression) -%}
    ({{ expression }} at time zone 'Europe/London')::date
{%- endmacro %}

{#- Home Office offence code as 028/03: five digits get their stroke; anything else is left as delivered. -#}
{% macro offence_code(expression) -%}
    regexp_replace(upper(trim({{ expression }})), '^(\d{3})(\d{2})$', '\1/\2')
{%- endmacro %}

{#- A list with ; between, as an array; an empty list is null. -#}
{% macro list_of(expression) -%}
    regexp_split_to_array(nullif(trim({{ expression }}), ''), '\s*;\s*')
{%- endmacro %}

{#- Outcomes by which a crime is cleared up. -#}
{% macro cleared_up() -%}
    'charged', 'cautioned', 'tic', 'community_resolution', 'other_positive'
{%- endmacro %}

{#- A condition: two relations name the same offence, by code and counting-rules class, either of which may be empty. -#}
{% macro same_offence(one, other) -%}
    coalesce({{ one }}.offence_code, '') = coalesce({{ other }}.offence_code, '')
    and coalesce({{ one }}.offence_class, '') = coalesce({{ other }}.offence_class, '')
{%- endmacro %}

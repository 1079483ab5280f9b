{#- Forms that are the same wherever a value comes from. -#}

{#- Day of a moment, in Europe/London whatever the session says. -#}
{% macro london_date(expression) -%}
    ({{ expression }} at time zone 'Europe/London')::date
{%- endmacro %}

{#- Home Office offence code as 028/03: five digits get their stroke; anything else is left as delivered. -#}
{% macro offence_code(expression) -%}
    regexp_replace(upper(trim({{ expression }})), '^(\d{3})(\d{2})$', '\1/\2')
{%- endmacro %}

{#- Class of the counting rules, such as 28E. A text of another form may be anything, and classes stand in tables about nobody: it counts as not given. -#}
{% macro offence_class(expression) -%}
    case when {{ expression }} ~ '^[0-9]{1,3}([.][0-9]{1,2})?[A-Z]?$' then {{ expression }} end
{%- endmacro %}

{#- A list with ; between, as an array; an empty list is null. -#}
{% macro list_of(expression) -%}
    regexp_split_to_array(nullif(trim({{ expression }}), ''), '\s*;\s*')
{%- endmacro %}

{#- Outcomes by which a crime is cleared up. -#}
{% macro cleared_up() -%}
    'charged', 'cautioned', 'tic', 'community_resolution', 'other_positive'
{%- endmacro %}

{#- A condition: two relations name the same offence, by code and counting-rules class, either of which may be empty. By one text: of a join by two
    expressions the planner expects next to no rows, and loops or sorts where it should hash. -#}
{% macro same_offence(one, other) -%}
    {%- for offence in [one, other] -%}
    coalesce({{ offence }}.offence_code, '') || ' ' || coalesce({{ offence }}.offence_class, ''){{ ' = ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The offence in one word, for lists of those without a cost or weight. -#}
{% macro offence_or_class(alias) -%}
    coalesce({{ alias }}.offence_code, {{ alias }}.offence_class, 'unknown')
{%- endmacro %}

{#- A code of areas.csv, as the configuration of this build has it. What is none may be a name that slipped into the column, and codes end as labels
    of published figures: it counts as not given. So do all where the partnership lists no areas. -#}
{% macro listed_area(code) -%}
    {{ _listed(code, 'area', ref('stg_reference__areas')) }}
{%- endmacro %}

{#- The same of agencies.csv. -#}
{% macro listed_agency(code) -%}
    {{ _listed(code, 'agency', ref('stg_reference__agencies')) }}
{%- endmacro %}

{% macro _listed(code, column, definitions) -%}
    case when {{ code }} in (select {{ column }} from {{ definitions }}) then {{ code }} end
{%- endmacro %}

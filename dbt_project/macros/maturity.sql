{#- Kinds of event that become known later than they are done. -#}
{% macro kinds_with_delay() -%}
    'detected_crime', 'proven_offence', 'court_conviction', 'charge'
{%- endmacro %}

{#- Calendar months from the month of one day to that of another. -#}
{% macro months_between(day_from, day_to) -%}
    (12 * (extract(year from {{ day_to }}) - extract(year from {{ day_from }})) + extract(month from {{ day_to }}) - extract(month from {{ day_from }}))::integer
{%- endmacro %}

{#- What an estimate is about, as one text without ambiguity. -#}
{% macro maturity_subject(columns) -%}
    jsonb_build_array({{ columns | join(', ') }})::text
{%- endmacro %}

{#- Months after the end of a period for which what happened in it may still become known, where no measure says otherwise. -#}
{% macro months_until_final() -%}
    6
{%- endmacro %}

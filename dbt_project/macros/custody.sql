{#- The day of a kind among the release dates of a booking. -#}
{% macro release_day(date_type) -%}
    min(release_date.release_on) filter (where release_date.date_type = '{{ date_type }}')
{%- endmacro %}

{#- The day on which a booking is planned to end: the expected release date, else the conditional one. -#}
{% macro planned_day() -%}
    coalesce({{ release_day('expected') }}, {{ release_day('conditional') }})
{%- endmacro %}

{#- The day on which the review of a level of int_partnership__level is due, as it stands on a day: see there. -#}
{% macro level_review_due_on(level, day) -%}
    case when {{ is_level_reviewed_by(level, day) }} then {{ level }}.next_review_on else {{ level }}.first_review_on end
{%- endmacro %}

{#- A condition: a level was reviewed by a day, since it was given. -#}
{% macro is_level_reviewed_by(level, day) -%}
    coalesce({{ level }}.reviewed_on between {{ level }}.given_on and {{ day }}, false)
{%- endmacro %}

{#- A condition: a review was due before a day and is not done by it. The day on which it is due is in time. -#}
{% macro is_review_overdue_on(alias, day) -%}
    ({{ alias }}.review_due_on < {{ day }} and ({{ alias }}.reviewed_on is null or {{ alias }}.reviewed_on > {{ day }}))
{%- endmacro %}

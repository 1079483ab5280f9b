{#- The first value that is not null, in an order. -#}
{% macro first_known(column, order_by) -%}
    (array_agg({{ column }} order by {{ order_by }}) filter (where {{ column }} is not null))[1]
{%- endmacro %}

{#- Whom a record is about, as one text: the person, or the record's own reference where nobody is linked to it. A reference may look like a key. -#}
{% macro person_or(reference, alias) -%}
    coalesce({{ alias }}.person_key::text, 'not linked ' || {{ alias }}.{{ reference }})
{%- endmacro %}

{#- Completed years of age on a day; null while the birth date is not known. -#}
{% macro age_on(day, born_on) -%}
    extract(year from age({{ day }}, {{ born_on }}))::integer
{%- endmacro %}

{#- Age band of completed years, with the steps at which the law and the schemes change. -#}
{% macro age_band(age) -%}
    case
        when {{ age }} is null then 'unknown'
        when {{ age }} < 16 then 'under 16'
        when {{ age }} < 18 then '16-17'
        when {{ age }} < 25 then '18-24'
        when {{ age }} < 30 then '25-29'
        when {{ age }} < 40 then '30-39'
        when {{ age }} < 50 then '40-49'
        else '50 and over'
    end
{%- endmacro %}

{#- Band of a count of events, narrow where most people are. -#}
{% macro count_band(count) -%}
    case
        when {{ count }} < 3 then {{ count }}::text
        when {{ count }} < 5 then '3 or 4'
        when {{ count }} < 10 then '5 to 9'
        else '10 or more'
    end
{%- endmacro %}

{#- percentile_cont of values of which each stands once, without sorting every single one: `up_to` is how many lie at or below it, of `total`. -#}
{% macro percentile_of_counted(value, share) -%}
    {%- set position = share ~ ' * (total - 1)' -%}
    {%- set below = 'min(' ~ value ~ ') filter (where up_to > floor(' ~ position ~ '))' -%}
    {%- set above = 'min(' ~ value ~ ') filter (where up_to > ceil(' ~ position ~ '))' -%}
    {{ below }} + ({{ above }} - {{ below }}) * max({{ position }} - floor({{ position }}))::double precision
{%- endmacro %}

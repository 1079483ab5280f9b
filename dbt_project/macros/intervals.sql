{#- Half-open intervals valid_from / valid_to: the first day in, the first day out; an open interval has no valid_to. -#}

{#- A condition: the interval of a relation covers a day. -#}
{% macro is_open_on(alias, day) -%}
    ({{ alias }}.valid_from <= {{ day }} and ({{ alias }}.valid_to is null or {{ alias }}.valid_to > {{ day }}))
{%- endmacro %}

{#- Whole months of [day_from, day_to), or null when it is not made of whole months. -#}
{% macro whole_months(day_from, day_to) -%}
    case
        when extract(day from age({{ day_to }}, {{ day_from }})) = 0
            then extract(year from age({{ day_to }}, {{ day_from }})) * 12 + extract(month from age({{ day_to }}, {{ day_from }}))
    end
{%- endmacro %}

{#- A day so many months later; the last day of a shorter month stands for the days it lacks (29 February + 12 months = 28 February). -#}
{% macro months_after(day, months) -%}
    ({{ day }} + make_interval(months => {{ months }}))::date
{%- endmacro %}

{#- Days that two half-open intervals share; an open end is infinity, and at least one of the two must end. -#}
{% macro shared_days(from_1, to_1, from_2, to_2) -%}
    greatest(0, least({{ to_1 }}, {{ to_2 }}) - greatest({{ from_1 }}, {{ from_2 }}))
{%- endmacro %}

{#- Length of one half-open interval over that of another: in months where both are whole months, else in days. -#}
{% macro length_ratio(from_1, to_1, from_2, to_2) -%}
    coalesce(
        ({{ whole_months(from_1, to_1) }})::numeric / nullif({{ whole_months(from_2, to_2) }}, 0),
        ({{ to_1 }} - ({{ from_1 }}))::numeric / nullif({{ to_2 }} - ({{ from_2 }}), 0)
    )
{%- endmacro %}

{#- A number without the digits that a share such as a third has no end of: what is made of one is rounded to nine decimals before anything is held
    against it, or rounds it to a whole number. -#}
{% macro exactly(number) -%}
    round(({{ number }})::numeric, 9)
{%- endmacro %}

{#- By how many per cent a count differs from what it is set beside: POSITIVE IS AN INCREASE. -#}
{% macro pct_change(count, expected) -%}
    {{ exactly('100 * (' ~ count ~ ' / nullif(' ~ expected ~ ', 0) - 1)') }}
{%- endmacro %}

{#- Last day on which an event of a window may become known and still count: no limit without waiting months. -#}
{% macro known_by(valid_to, waiting_months) -%}
    case when {{ waiting_months }} is null then 'infinity' else {{ months_after(valid_to ~ ' - 1', waiting_months) }} end
{%- endmacro %}

{#- A condition: a window and the months after which its figures are final had passed at the data cut. -#}
{% macro is_matured(valid_to, final_after_months, data_cut) -%}
    {{ months_after(valid_to ~ ' - 1', final_after_months) }} <= {{ data_cut }}
{%- endmacro %}

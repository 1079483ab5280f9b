{#- Joins the calendar periods that a day lies in, as `period`; by equality, so that no event is held against every period. -#}
{% macro in_period(day, kinds=['quarter'], periods=none) -%}
    cross join lateral (
        values
        {%- for kind in kinds %}
        ('{{ kind }}', date_trunc('{{ kind }}', {{ day }})::date){{ ',' if not loop.last }}
        {%- endfor %}
    ) as calendar (period_kind, period_start)
    inner join {{ periods or ref('int_periods__period') }} as period
        on period.period_kind = calendar.period_kind
        and period.period_start = calendar.period_start
        and {{ day }} <= period.period_end
{%- endmacro %}

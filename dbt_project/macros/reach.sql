{#- A relation of one row, data_cut: the day that all these feeds have reached; empty when one of them never delivered. -#}
{% macro reach_of(feeds) -%}
    (
        select case when bool_and(data_cut is not null) then min(data_cut) end as data_cut
        from {{ ref('int_periods__reach') }}
        where feed in ('{{ feeds | join("', '") }}')
    )
{%- endmacro %}

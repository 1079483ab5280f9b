{#- A relation of one row, data_cut: the day that all these feeds have reached; empty when one of `feeds` never delivered, since the figures come
    from them. One `beside` them says more of the same people: it is waited for where it delivers at all, and not in a partnership without it. -#}
{% macro reach_of(feeds, beside=[]) -%}
    (
        select case when bool_and(data_cut is not null) filter (where feed in ('{{ feeds | join("', '") }}')) then min(data_cut) end as data_cut
        from {{ ref('int_periods__reach') }}
        where feed in ('{{ (feeds + beside) | join("', '") }}')
    )
{%- endmacro %}

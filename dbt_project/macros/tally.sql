{#- Counts of people who are alike, beside a table about people that is kept from night to night: a sum over everybody is made of the few
    rows of the tally, which costs what the night changed. A table has one when there is a macro tally_of_<its name>(rows, sign), which gives, of
    the rows of a relation, what people have in common and `sign` times how many there are (n). It may look at nothing but these rows and
    the configuration, since what a person no longer adds is worked out from the rows that are replaced. -#}
{% macro tally_beside(relation) -%}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__tally'})) }}
{%- endmacro %}

{% macro _has_tally() -%}
    {{ return(('tally_of_' ~ model.name) in context) }}
{%- endmacro %}

{% macro _counted_in_tally(rows, sign='') -%}
    {{ return(context['tally_of_' ~ model.name](rows, sign)) }}
{%- endmacro %}

{#- A tally of all rows of a table that was made from nothing. -#}
{% macro make_tally() -%}
    {%- if _has_tally() and not keeps_its_table() %}
    drop table if exists {{ tally_beside(this) }};
    create table {{ tally_beside(this) }} as {{ _counted_in_tally(this) }};
    analyze {{ tally_beside(this) }}
    {%- endif -%}
{%- endmacro %}

{#- The tally without the rows that go (`gone`, before they do) and with those that come. Rows of it that come to nothing are left out. -#}
{% macro move_tally(gone, come) -%}
    {%- set tally = tally_beside(this) -%}
    {%- set alike = adapter.get_columns_in_relation(tally) | map(attribute='quoted') | reject('equalto', '"n"') | join(', ') -%}
    create temporary table moved_tally on commit drop as
    select {{ alike }}, sum(n)::bigint as n
    from (
        select {{ alike }}, n from {{ tally }}
        union all
        select {{ alike }}, n from ({{ _counted_in_tally(gone, '-') }}) as gone
        union all
        select {{ alike }}, n from ({{ _counted_in_tally(come) }}) as come
    ) as moved
    group by {{ alike }}
    having sum(n) <> 0;
    truncate {{ tally }};
    insert into {{ tally }} ({{ alike }}, n) select {{ alike }}, n from moved_tally;
{%- endmacro %}

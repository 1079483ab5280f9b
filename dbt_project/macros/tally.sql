{#- Counts of people who are alike, beside a table about people that is kept from night to night: a sum over everybody is made of the few
    rows of the tally, which costs what the night changed. A table has one when there is a macro tally_of_<its name>(rows, sign), made with
    count_alike: what the rows of a relation say of people, and `sign` times how many people are alike in that (n). It may look at nothing but
    these rows and the configuration, since what a person no longer adds is worked out from the rows that are replaced. -#}
{% macro tally_beside(relation) -%}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__tally'})) }}
{%- endmacro %}

{#- People by what they have in common, with a digest of it (alike), by which the row of a tally is found: of its text, so that values that
    are equal must read alike, which numbers of several scales (0.4 and 0.40) do not. -#}
{% macro count_alike(columns, people, sign) -%}
    select {{ columns }}, md5(row({{ columns }})::text)::uuid as alike, {{ sign }}count(*) as n from ({{ people }}) as person group by {{ columns }}
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
    {%- set tally = tally_beside(this) %}
    drop table if exists {{ tally }};
    create table {{ tally }} as {{ _counted_in_tally(this) }};
    create unique index on {{ tally }} (alike);
    analyze {{ tally }}
    {%- endif -%}
{%- endmacro %}

{#- The tally without the rows that go (`gone`, before they do) and with those that come. -#}
{% macro move_tally(gone, come) -%}
    {%- set tally = tally_beside(this) -%}
    {%- set alike = adapter.get_columns_in_relation(tally) | map(attribute='quoted') | reject('equalto', '"n"') | join(', ') -%}
    insert into {{ tally }} as known ({{ alike }}, n)
    select {{ alike }}, sum(n)
    from (
        select {{ alike }}, n from ({{ _counted_in_tally(gone, '-') }}) as gone
        union all
        select {{ alike }}, n from ({{ _counted_in_tally(come) }}) as come
    ) as moved
    group by {{ alike }}
    having sum(n) <> 0
    on conflict (alike) do update set n = known.n + excluded.n;
    delete from {{ tally }} where n = 0;
{%- endmacro %}

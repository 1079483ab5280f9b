{#- Reading by vintage. Every version of a row carries the delivery, linkage run or configuration that opened and closed it;
    a version is seen by this build when it was opened by then and not closed by then. -#}

{#- A condition: the version of a raw row that was current after the last delivery of its feed that this build sees. -#}
{% macro is_known(feed, alias) -%}
    {%- set sequence = var('vintage').get(feed) -%}
    {%- if sequence is none -%} false
    {%- else -%} {{ _open_at('sequence', sequence | int, alias) }}
    {%- endif -%}
{%- endmacro %}

{#- A join that adds `link.person_key`: who a source record was, as the linkage run of this build knew it. -#}
{% macro join_person(source_file, key) -%}
    left join {{ source('identity', 'link') }} as link
        on link.source_file = '{{ source_file }}'
        and link.source_key = {{ key }}
        and {{ is_linked('link') }}
{%- endmacro %}

{#- A condition: the link held after the linkage run of this build. -#}
{% macro is_linked(alias) -%}
    {{ _open_at('run', var('linkage_run') | int, alias) }}
{%- endmacro %}

{#- A condition: the row belongs to the configuration of this build and its definition has come into force. -#}
{% macro is_in_force(alias) -%}
    {{ _open_at('configuration', var('configuration_id') | int, alias) }} and {{ alias }}.effective_from <= {{ today() }}
{%- endmacro %}

{#- The business date of this build: the only today there is. -#}
{% macro today() -%}
    date '{{ modules.datetime.date.fromisoformat(var('business_date')) }}'
{%- endmacro %}

{#- The day for which a risk is asked: infinity is today, whichever day that is. -#}
{% macro day_asked(alias='asked') -%}
    least({{ alias }}.asked_on, {{ today() }})
{%- endmacro %}

{#- Day that the data of a feed reach to: the business date, or the feed's last delivery where that is older. Of a feed that never delivered it is the
    business date too, to which days of phases and programmes are then counted; whether it ever did is int_periods__reach's to say. -#}
{% macro data_cut(feed) -%}
    (
        select least({{ today() }}, max(business_date))
        from {{ source('audit', 'build_vintage') }}
        where build_id = {{ var('build_id') | int }} and feed = '{{ feed }}'
    )
{%- endmacro %}

{% macro _open_at(clock, version, alias) -%}
    {{ alias }}.opened_by_{{ clock }} <= {{ version }} and ({{ alias }}.closed_by_{{ clock }} is null or {{ alias }}.closed_by_{{ clock }} > {{ version }})
{%- endmacro %}

{#- A condition: the version was current after some delivery of its feed that this build sees, this one or an earlier. -#}
{% macro was_known(feed, alias) -%}
    {%- set sequence = var('vintage').get(feed) -%}
    {%- if sequence is none -%} false {%- else -%} {{ alias }}.opened_by_sequence <= {{ sequence | int }} {%- endif -%}
{%- endmacro %}

{#- A condition: of versions that were known, the one that was current after the delivery with that sequence. -#}
{% macro was_current_at(sequence, alias) -%}
    {{ _open_at('sequence', sequence, alias) }}
{%- endmacro %}

{#- The delivery that closed a version, as this build knows it: null for one that was closed later, or never. -#}
{% macro closed_by(feed, alias) -%}
    case when {{ alias }}.closed_by_sequence <= {{ var('vintage').get(feed, 0) | int }} then {{ alias }}.closed_by_sequence end
{%- endmacro %}

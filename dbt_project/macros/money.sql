{#- An amount at the prices of another year, by the index of both years; as it is where one of them has none. -#}
{% macro deflated(amount, index_from, index_to) -%}
    {{ amount }} * coalesce({{ index_to }} / nullif({{ index_from }}, 0), 1)
{%- endmacro %}

{#- How sure a value of the configuration is, as its source says: high, medium or low confidence; not_stated where it says nothing. -#}
{% macro confidence(source) -%}
    coalesce(substring({{ source }} from '(high|medium|low) confidence'), 'not_stated')
{%- endmacro %}

{#- The least sure of several. -#}
{% macro least_confidence(confidence) -%}
    (array_agg({{ confidence }} order by array_position(array['low', 'medium', 'not_stated', 'high'], {{ confidence }}))
        filter (where {{ confidence }} is not null))[1]
{%- endmacro %}

{#- The kinds of event that are crimes done, which are what costs. -#}
{% macro kinds_with_cost() -%}
    'detected_crime', 'proven_offence', 'court_conviction'
{%- endmacro %}

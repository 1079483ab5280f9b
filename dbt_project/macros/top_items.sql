{#- Items of the Treatment Outcomes Profile that change is told of: its name, whether less or more of it is better, and whether it is a substance
    that somebody can have stopped using. Its section on crime is not among them: it is no measure of offending. -#}
{% macro top_items() -%}
    {%- set items = [] -%}
    {%- for name in ('alcohol_days', 'opiate_days', 'crack_days', 'cocaine_days', 'amphetamine_days', 'cannabis_days', 'other_drug_days', 'injected_days') -%}
        {%- do items.append({'name': name, 'better': 'less', 'is_use': 'true'}) -%}
    {%- endfor -%}
    {%- for name in ('shared_equipment', 'acute_housing_problem', 'eviction_risk') -%}
        {%- do items.append({'name': name, 'better': 'less', 'is_use': 'false', 'cast': '::integer'}) -%}
    {%- endfor -%}
    {%- for name in ('psychological_health', 'physical_health', 'quality_of_life', 'paid_work_days', 'education_days') -%}
        {%- do items.append({'name': name, 'better': 'more', 'is_use': 'false'}) -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

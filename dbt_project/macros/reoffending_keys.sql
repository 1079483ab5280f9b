{#- Keys of the reoffending models: a member is a measure version, person and index day; a window adds the period or horizon. -#}

{% macro member_key(alias) -%}
    {{ alias }}.measure_id, {{ alias }}.measure_version, {{ alias }}.person_key, {{ alias }}.index_on
{%- endmacro %}

{% macro window_key(alias) -%}
    {{ member_key(alias) }}, {{ alias }}.period_number
{%- endmacro %}

{#- A condition: two relations speak of the same member. -#}
{% macro same_member(one, other) -%}
    {{ one }}.measure_id = {{ other }}.measure_id
    and {{ one }}.measure_version = {{ other }}.measure_version
    and {{ one }}.person_key = {{ other }}.person_key
    and {{ one }}.index_on = {{ other }}.index_on
{%- endmacro %}

{#- A condition: two relations speak of the same window. -#}
{% macro same_window(one, other) -%}
    {{ same_member(one, other) }} and {{ one }}.period_number = {{ other }}.period_number
{%- endmacro %}

{#- The columns that a figure is found by: a measure version, its period or horizon, and a group. -#}
{% macro figure_key(alias=none) -%}
    {%- for column in ['measure_id', 'measure_version', 'period_number', 'group_by', 'group_value'] -%}
        {{ alias ~ '.' if alias }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- A condition: a relation speaks of a row of int_reoffending__figure: of its measure version and period, and of its group. -#}
{% macro of_period(alias) -%}
    {{ alias }}.measure_id = figure.measure_id
    and {{ alias }}.measure_version = figure.measure_version
    and {{ alias }}.period_number = figure.period_number
{%- endmacro %}

{% macro of_figure(alias) -%}
    {{ of_period(alias) }} and {{ alias }}.group_by = figure.by_group and {{ alias }}.group_value = figure.in_group
{%- endmacro %}

{#- How many people are alike in what became of them in all their entries to a figure's cohort, among those who are not excluded. -#}
{% macro tally_of_int_reoffending__grouped_outcome(rows, sign) -%}
    {%- set people -%}
        select
            {{ figure_key() }}, person_key,
            count(*) as people,
            count(*) filter (where event_count > 0) as people_with_event,
            bool_or(is_eligible) as is_eligible,
            bool_or(is_meeting_target) as is_meeting_target,
            sum(event_count) as events,
            sum(baseline_count) as baseline,
            trim_scale(sum(expected_count::numeric)) as expected  -- exact, whatever the order: a tally takes out what it once put in
        from {{ rows }} as outcome
        where not is_excluded
        group by {{ figure_key() }}, person_key
    {%- endset -%}
    {{ count_alike(figure_key() ~ ', people, people_with_event, is_eligible, is_meeting_target, events, baseline, expected', people, sign) }}
{%- endmacro %}

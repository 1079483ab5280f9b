{#- The groups that a row is counted in: everybody, each of its areas, and, of everybody only, each of its groups of people. Both arguments
    are lists of [name, expression]. A district by sex or age is too few people to say anything. -#}
{% macro counted_in(areas, groups) -%}
    cross join lateral (
        values
        ('all', 'all', 'all', 'all')
        {%- for level, area in areas %},
        ('{{ level }}', coalesce({{ area }}, 'unknown'), 'all', 'all')
        {%- endfor %}
        {%- for name, value in groups %},
        ('all', 'all', '{{ name }}', coalesce({{ value }}, 'unknown'))
        {%- endfor %}
    ) as split (area_level, area, group_by, group_value)
{%- endmacro %}

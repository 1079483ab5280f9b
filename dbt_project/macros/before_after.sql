{#- Where a spell of int_before_after__count counts: everywhere and in its district, on the basis of its phase alone or of all three. -#}
{% macro places_and_bases(spell) -%}
    cross join lateral (values ('all', 'all'), ('district', {{ spell }}.district)) as place (area_level, area)
    cross join lateral (values ('phase', {{ spell }}.is_observed), ('all_phases', {{ spell }}.is_observed_throughout)) as basis (basis, is_in)
{%- endmacro %}

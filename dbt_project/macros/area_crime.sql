{#- Areas with each area that they lie in, themselves among them, and its level. -#}
{% macro areas_above() -%}
    select lies_in.area, areas.area_type as area_level, lies_in.ancestor as in_area
    from {{ ref('int_areas__ancestor') }} as lies_in
    inner join {{ ref('stg_reference__areas') }} as areas on areas.area = lies_in.ancestor
{%- endmacro %}

{#- How many people have so many crimes of an offence set in a year, everywhere and in each area. -#}
{% macro tally_of_int_area_crime__by_person(rows, sign) -%}
    {%- set people -%}
        select
            of_person.person_key, of_person.offence_set, place.area_level, place.area, of_person.year_from,
            sum(of_person.n_crimes)::bigint as n_crimes,
            sum(of_person.n_as_member)::bigint as n_as_member
        from {{ rows }} as of_person
        left join ({{ areas_above() }}) as lies_in using (area)
        cross join lateral (
            select coalesce(lies_in.area_level, 'unknown') as area_level, coalesce(lies_in.in_area, 'unknown') as area
        ) as place
        group by of_person.person_key, of_person.offence_set, place.area_level, place.area, of_person.year_from

        union all

        select person_key, offence_set, 'all', 'all', year_from, sum(n_crimes)::bigint, sum(n_as_member)::bigint
        from {{ rows }} as of_person
        group by person_key, offence_set, year_from
    {%- endset -%}
    {{ count_alike('offence_set, area_level, area, year_from, n_crimes, n_as_member', people, sign) }}
{%- endmacro %}

-- int_partnership__place: one row per person, with the district and division of the business date.
-- Schemes are those that may be told of the person, without the families' programme. Of several open memberships the one that began last; without
-- one the district of the case records, in the division that it lies in, unless that one has handed the person over. What is shown of a person goes
-- by the memberships that may be told, or the district alone would say that drug services have the person on their list; where somebody is counted,
-- by all of them.
with
{%- for name, memberships in [('shown', ref('int_schemes__told')), ('counted', ref('int_schemes__placement'))] %}
{{ name }} as (
    select distinct on (person_key) person_key, district, division
    from {{ memberships }} as membership
    where {{ is_open_on('membership', today()) }}
    order by person_key, district is null, joined_on desc, membership_ref
),
{{ name }}_else as (
    select person.person_key, person.district
    from {{ ref('int_people__person') }} as person
    where not {{ has_handed_over('person.district', memberships, 'person.person_key', today()) }}
),
{%- endfor %}
told as (
    select person_key, string_agg(distinct scheme, ';' order by scheme) as schemes
    from {{ ref('int_schemes__told') }} as membership
    where scheme <> 'TF' and {{ is_open_on('membership', today()) }}
    group by person_key
)

select
    person_key,
    {%- for name, counted in [('shown', ''), ('counted', 'counted_')] %}
    coalesce({{ name }}.district, {{ name }}_else.district) as {{ counted }}district,
    coalesce({{ name }}.division, {{ name }}_lies_in.division) as {{ counted }}division,
    {%- endfor %}
    told.schemes
from {{ ref('int_people__person') }} as person
left join told using (person_key)
{%- for name in ['shown', 'counted'] %}
left join {{ name }} using (person_key)
left join {{ name }}_else using (person_key)
left join {{ ref('int_areas__division') }} as {{ name }}_lies_in on {{ name }}_lies_in.area = coalesce({{ name }}.district, {{ name }}_else.district)
{%- endfor %}

{#- A condition: a district has handed somebody over, by a day, within one of such memberships that was open on it, so that the person is not there
    any more, also where the case records still say so. -#}
{% macro has_handed_over(district, memberships, person_key, day) -%}
    exists (
        select from {{ memberships }} as membership
        inner join {{ ref('int_schemes__membership') }} as whole using (person_key, membership_ref)
        inner join {{ ref('stg_hub__transfer') }} as transfer on transfer.case_ref = whole.case_ref
        where
            membership.person_key = {{ person_key }}
            and {{ is_open_on('membership', day) }}
            and transfer.from_district = {{ district }}
            and transfer.handed_over_on > whole.valid_from
            and transfer.handed_over_on <= {{ day }}
    )
{%- endmacro %}

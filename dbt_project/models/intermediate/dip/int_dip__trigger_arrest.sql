-- int_dip__trigger_arrest: one row per arrest of an adult for a trigger offence, the beginning of the chain.
-- An offence is a trigger offence from the day on which the first line of the list that fits it comes into force. The age is that of
-- drug_service_rules.csv; whoever has no birth date counts as an adult. The first of a person's arrests in a month or quarter
-- is marked, in all and within a division, so that people are counted without sorting every arrest.
{% set periods = ('month', 'quarter') %}
{{ build_by_person() }}
select
    arrest.person_key,
    arrest.arrest_ref,
    arrest.told_as,
    arrest.arrested_on,
    coalesce(arrest.division, 'unknown') as division,
    person.sex
    {%- for period in periods %},
    row_number() over in_{{ period }} = 1 as is_first_of_{{ period }},
    row_number() over in_{{ period }}_and_division = 1 as is_first_of_{{ period }}_in_division
    {%- endfor %}
from {{ ref('int_offences__arrest') }} as arrest
inner join {{ ref('int_people__person') }} as person using (person_key)
cross join {{ ref('int_dip__limit') }} as limits
inner join (
    select offence_code, min(in_force_from) as in_force_from
    from {{ ref('int_offences__offence_set') }}
    where offence_set = 'trigger_offences'
    group by offence_code
) as listed on listed.offence_code = arrest.offence_code and listed.in_force_from <= arrest.arrested_on
where
    coalesce({{ age_on('arrest.arrested_on', 'person.born_on') }} >= limits.adult_from_age, true)
    and {{ has_changed('arrest.person_key') }}
window
    {%- for period in periods %}
    {%- set of_person = "arrest.person_key, date_trunc('" ~ period ~ "', arrest.arrested_on)" %}
    in_{{ period }} as (partition by {{ of_person }} order by arrest.arrested_on, arrest.arrest_ref),
    in_{{ period }}_and_division as (
        partition by {{ of_person }}, coalesce(arrest.division, 'unknown') order by arrest.arrested_on, arrest.arrest_ref
    ){{ ',' if not loop.last }}
    {%- endfor %}

-- int_people__person: one row per person, with what is known of birth, sex, ethnicity and death.
-- Where records disagree, police come before probation, prison, the hub and drug services, and an older reference before a newer one.
{{ build_by_person() }}
with record as (
    {%- for feed, file, key, died_on, district in [
        ('police', 'police_person', 'police_ref', 'died_on', 'null'),
        ('probation', 'probation_person', 'crn', 'null', 'district'),
        ('prison', 'prison_person', 'prison_number', 'null', 'null'),
        ('hub', 'hub_case', 'case_ref', 'null', 'district'),
        ('dip', 'dip_client', 'client_ref', 'null', 'null'),
    ] %}
    select
        link.person_key,
        {{ loop.index }} as trust,
        '{{ feed }}' as feed,
        person.{{ key }} as record_key,
        person.dob as born_on,
        nullif(person.sex, 'U') as sex,
        {{ 'null' if feed == 'dip' else 'person.ethnicity' }}::text as ethnicity,
        {{ died_on }}::date as died_on,
        {{ listed_area(district) }} as district
    from {{ source('raw', file) }} as person
    {{ join_person(file, 'person.' ~ key) }}
    where {{ is_known(feed, 'person') }} and link.person_key is not null and {{ has_changed('link.person_key') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    person_key,
    {{ first_known('born_on', 'trust, record_key') }} as born_on,
    coalesce({{ first_known('sex', 'trust, record_key') }}, 'U') as sex,
    {{ first_known('ethnicity', 'trust, record_key') }} as ethnicity,
    {{ first_known('died_on', 'trust, record_key') }} as died_on,
    {{ first_known('district', "feed <> 'hub', record_key") }} as district,
    bool_or(feed = 'police') as is_known_to_police
from record
group by person_key

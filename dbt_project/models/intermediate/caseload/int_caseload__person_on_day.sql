-- int_caseload__person_on_day: one row per day that stocks are counted on and person on any caseload that day, with age, sex and risk.
-- Risk is the last colour given by that day, however long ago; whoever is in prison on the day is `prison`, and `not_rated` has no colour.
-- Of two colours given on one day the more serious counts.
{{ build_by_person('changed_people_and_days') }}
with member as (
    select distinct as_on, person_key
    from {{ ref('int_caseload__on_day') }}
    where {{ has_changed_or_day_is_new('person_key', 'as_on') }}
),

rated as (
    select distinct on (person_key, assessed_on) person_key, assessed_on, colour
    from {{ ref('stg_hub__rag') }}
    where colour is not null
    order by person_key, assessed_on, array_position(array['red', 'amber', 'green'], colour)
),

rating as (
    select
        person_key, colour, assessed_on as valid_from,
        lead(assessed_on) over (partition by person_key order by assessed_on) as valid_to
    from rated
)

select
    member.as_on,
    member.person_key,
    person.sex,
    {{ age_band(age_on('member.as_on', 'person.born_on')) }} as age_band,
    case when custody.person_key is not null then 'prison' else coalesce(rating.colour, 'not_rated') end as risk
from member
inner join {{ ref('int_people__person') }} as person using (person_key)
left join rating on rating.person_key = member.person_key and {{ is_open_on('rating', 'member.as_on') }}
left join {{ ref('int_custody__spell') }} as custody on custody.person_key = member.person_key and {{ is_open_on('custody', 'member.as_on') }}

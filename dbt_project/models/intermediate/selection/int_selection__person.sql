-- int_selection__person: one row per person alive who is on a scheme today or has anything to count for a rule, with place and schemes today.
-- The place is that of the membership joined last, else of the case records; without a district, the division is that of the last arrest, so
-- that somebody sees the row.
with on_scheme as (
    select
        person_key,
        array_to_string(array_agg(distinct scheme order by scheme), ';') as schemes,
        min(joined_on) as on_scheme_since,
        {{ first_known('district', 'joined_on desc, membership_ref') }} as district,
        {{ first_known('division', 'joined_on desc, membership_ref') }} as division
    from {{ ref('int_schemes__placement') }} as membership
    where scheme <> 'TF' and {{ is_open_on('membership', today()) }}
    group by person_key
),

arrested as (
    select person_key, {{ first_known('division', 'arrested_on desc, arrest_ref') }} as division
    from {{ ref('int_offences__arrest') }}
    group by person_key
)

select
    person.person_key,
    coalesce(on_scheme.district, person.district) as district,
    coalesce(on_scheme.division, lies_in.division, arrested.division) as division,
    on_scheme.schemes,
    on_scheme.on_scheme_since
from {{ ref('int_people__person') }} as person
left join on_scheme using (person_key)
left join arrested using (person_key)
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = coalesce(on_scheme.district, person.district)
where
    (person.died_on is null or person.died_on > {{ today() }})
    and (
        on_scheme.person_key is not null
        or exists (select from {{ ref('int_selection__counted') }} as counted where counted.person_key = person.person_key)
    )

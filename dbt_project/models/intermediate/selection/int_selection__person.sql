-- int_selection__person: one row per person alive who is on a scheme today or has anything to count for a rule, with place and schemes today.
-- The district is that of the membership joined last, else of the case records, else that of the last crime cleared up against the person, so that
-- whoever is known to the police alone is looked at where the offending is. Without any, the division of the last arrest remains. Being on the list
-- of drug services alone counts with consent only: the row would tell it. Memberships that overlap or touch are one time on the schemes, as in
-- int_caseload__stretch, so that whoever is moved to another scheme or renewed has not joined anew.
{{ build_by_person('aged_people') }}
with reached as (
    select
        person_key,
        valid_from,
        max(coalesce(valid_to, 'infinity')) over (
            partition by person_key order by valid_from rows between unbounded preceding and 1 preceding
        ) as on_scheme_until
    from {{ ref('int_schemes__told') }}
    where scheme <> 'TF' and valid_from <= {{ today() }} and {{ has_changed_or_has_aged() }}
),

joined as (
    select person_key, max(valid_from) as on_scheme_since
    from reached
    where on_scheme_until is null or valid_from > on_scheme_until
    group by person_key
),

on_scheme as (
    select
        person_key,
        joined.on_scheme_since,
        array_to_string(array_agg(distinct membership.scheme order by membership.scheme), ';') as schemes,
        {{ first_known('membership.district', 'membership.joined_on desc, membership.membership_ref') }} as district,
        {{ first_known('membership.division', 'membership.joined_on desc, membership.membership_ref') }} as division
    from {{ ref('int_schemes__told') }} as membership
    inner join joined using (person_key)
    where membership.scheme <> 'TF' and {{ is_open_on('membership', today()) }} and {{ has_changed_or_has_aged() }}
    group by person_key, joined.on_scheme_since
),

offended as (
    select detected.person_key, {{ first_known('district.nearest', 'detected.committed_on desc, detected.crime_ref') }} as district
    from {{ ref('int_offences__detected_crime') }} as detected
    inner join {{ ref('stg_police__crime') }} as crime using (crime_ref)
    inner join {{ ref('int_areas__nearest') }} as district on district.area = crime.ward and district.area_type = 'district'
    where {{ has_changed_or_has_aged('detected.person_key') }}
    group by detected.person_key
),

arrested as (
    select person_key, {{ first_known('division', 'arrested_on desc, arrest_ref') }} as division
    from {{ ref('int_offences__arrest') }}
    where {{ has_changed_or_has_aged() }}
    group by person_key
),

placed as (
    select
        person_key,
        on_scheme.schemes,
        on_scheme.on_scheme_since,
        coalesce(on_scheme.district, person.district, offended.district) as district,
        on_scheme.division as division_on_scheme,
        arrested.division as division_of_arrest
    from {{ ref('int_people__person') }} as person
    left join on_scheme using (person_key)
    left join offended using (person_key)
    left join arrested using (person_key)
    where
        {{ has_changed_or_has_aged('person.person_key') }}
        and (person.died_on is null or person.died_on > {{ today() }})
        and (
            on_scheme.person_key is not null
            or exists (select from {{ ref('int_selection__counted') }} as counted where counted.person_key = person.person_key)
        )
)

select
    placed.person_key,
    placed.district,
    coalesce(placed.division_on_scheme, division.nearest, placed.division_of_arrest) as division,
    placed.schemes,
    placed.on_scheme_since
from placed
left join {{ ref('int_areas__nearest') }} as division on division.area = placed.district and division.area_type = 'division'

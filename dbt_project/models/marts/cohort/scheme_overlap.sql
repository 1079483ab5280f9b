-- scheme_overlap: one row per area and set of schemes that somebody there is on today. The sets exclude each other, so each person counts once.
with member as (
    select person_key, array_agg(distinct scheme order by scheme) as schemes
    from {{ ref('int_schemes__placement') }} as membership
    where {{ is_open_on('membership', today()) }}
    group by person_key
),

placed as (
    select person_key, 'all' as area_level, 'all' as area from member
    union
    select membership.person_key, place.area_level, coalesce(place.area, 'unknown')
    from {{ ref('int_schemes__placement') }} as membership
    cross join lateral (values ('division', membership.division), ('district', membership.district)) as place (area_level, area)
    where {{ is_open_on('membership', today()) }} and membership.scheme <> 'TF'
)

select
    placed.area_level,
    placed.area,
    array_to_string(member.schemes, ';') as schemes,
    cardinality(member.schemes) as n_schemes,
    count(*) as n_people,
    (sum(count(*)) over (partition by placed.area_level, placed.area))::bigint as n_people_on_any,
    {{ today() }} as as_on
from placed
inner join member using (person_key)
group by placed.area_level, placed.area, member.schemes

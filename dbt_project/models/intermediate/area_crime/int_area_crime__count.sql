-- int_area_crime__count: one row per offence set, area with a crime of it, and financial year since records begin, with the crimes
-- and how few people they may rest on. A detected crime by nobody who is known is taken to be of somebody else than all the others.
with known as (
    select crime_ref, bool_or(is_member) as is_by_member from {{ ref('int_area_crime__person') }} group by crime_ref
),

crime as (
    select
        crime.area, crime.offence_code, crime.offence_class, crime.year_from,
        count(*) as n_recorded,
        count(*) filter (where known.crime_ref is not null or crime.is_cleared_up) as n_detected,
        count(*) filter (where known.crime_ref is null and crime.is_cleared_up) as n_by_nobody_known,
        count(*) filter (where known.is_by_member) as n_by_members
    from {{ ref('int_area_crime__crime') }} as crime
    left join known using (crime_ref)
    group by crime.area, crime.offence_code, crime.offence_class, crime.year_from
),

lies_in as (
    {{ areas_above() }}
),

placed as (
    select crime.*, 'all' as area_level, 'all' as in_area from crime
    union all
    select crime.*, coalesce(lies_in.area_level, 'unknown'), coalesce(lies_in.in_area, 'unknown')
    from crime
    left join lies_in using (area)
),

counted as (
    select
        held.offence_set, placed.area_level, placed.in_area as area, placed.year_from,
        sum(placed.n_recorded)::bigint as n_recorded,
        sum(placed.n_detected)::bigint as n_detected,
        sum(placed.n_by_nobody_known)::bigint as n_by_nobody_known,
        sum(placed.n_by_members)::bigint as n_by_members
    from placed
    inner join {{ ref('int_offences__offence_set') }} as held on {{ same_offence('held', 'placed') }}
    group by held.offence_set, placed.area_level, placed.in_area, placed.year_from
),

people as (
    select
        offence_set, area_level, area, year_from,
        sum(n)::bigint as n_people,
        max(n_crimes) as most_by_person,
        coalesce(sum(n) filter (where n_as_member > 0), 0)::bigint as n_members,
        max(n_as_member) as most_by_member
    from {{ tally_beside(ref('int_area_crime__by_person')) }}
    group by offence_set, area_level, area, year_from
),

listed as (
    select place.*, year.from_day::date as year_from
    from (select distinct offence_set, area_level, area from counted) as place
    cross join (
        select generate_series(min(year_from), max(year_from), interval '1 year') as from_day from crime
    ) as year
)

select
    listed.*,
    coalesce(counted.n_recorded, 0) as n_recorded,
    coalesce(counted.n_detected, 0) as n_detected,
    coalesce(people.n_people, 0) + coalesce(counted.n_by_nobody_known, 0) as n_people_detected,
    coalesce(people.most_by_person, 0) as most_by_person,
    coalesce(counted.n_by_members, 0) as n_by_members,
    coalesce(people.n_members, 0) as n_members,
    coalesce(people.most_by_member, 0) as most_by_member
from listed
left join counted using (offence_set, area_level, area, year_from)
left join people using (offence_set, area_level, area, year_from)

-- int_area_crime__count: one row per offence set, area with a crime of it, and financial year since records begin, with the crimes
-- and how few members they may rest on.
with crime as (
    select
        area, offence_code, offence_class, year_from,
        count(*) as n_recorded,
        count(*) filter (where is_detected) as n_detected,
        count(*) filter (where is_by_member) as n_by_members
    from {{ ref('int_area_crime__crime') }}
    group by area, offence_code, offence_class, year_from
),

lies_in as (
    select lies_in.area, areas.area_type as area_level, lies_in.ancestor as in_area
    from {{ ref('int_areas__ancestor') }} as lies_in
    inner join {{ ref('stg_reference__areas') }} as areas on areas.area = lies_in.ancestor
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
        sum(placed.n_by_members)::bigint as n_by_members
    from placed
    inner join {{ ref('int_offences__offence_set') }} as held on {{ same_offence('held', 'placed') }}
    group by held.offence_set, placed.area_level, placed.in_area, placed.year_from
),

of_member as (
    select
        held.offence_set, coalesce(lies_in.area_level, 'unknown') as area_level, coalesce(lies_in.in_area, 'unknown') as area,
        crime.year_from, member.person_key, crime.crime_ref
    from {{ ref('int_area_crime__member') }} as member
    inner join {{ ref('int_area_crime__crime') }} as crime using (crime_ref)
    inner join {{ ref('int_offences__offence_set') }} as held on {{ same_offence('held', 'crime') }}
    left join lies_in on lies_in.area = crime.area
),

by_member as (
    select offence_set, area_level, area, year_from, person_key, count(distinct crime_ref) as n_crimes
    from (
        select * from of_member
        union all
        select offence_set, 'all', 'all', year_from, person_key, crime_ref from of_member
    ) as anywhere
    group by offence_set, area_level, area, year_from, person_key
),

members as (
    select offence_set, area_level, area, year_from, count(*) as n_members, max(n_crimes) as most_by_member
    from by_member
    group by offence_set, area_level, area, year_from
),

listed as (
    select place.*, year.from_day::date as year_from
    from (select distinct offence_set, area_level, area from counted) as place
    cross join (
        select generate_series(min(year_from), max(year_from), interval '1 year') as from_day from {{ ref('int_area_crime__crime') }}
    ) as year
)

select
    listed.*,
    coalesce(counted.n_recorded, 0) as n_recorded,
    coalesce(counted.n_detected, 0) as n_detected,
    coalesce(counted.n_by_members, 0) as n_by_members,
    coalesce(members.n_members, 0) as n_members,
    coalesce(members.most_by_member, 0) as most_by_member
from listed
left join counted using (offence_set, area_level, area, year_from)
left join members using (offence_set, area_level, area, year_from)

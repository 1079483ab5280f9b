-- int_cost__programme_year: one row per year of the programme, with its additional cost and the person-days that it managed.
-- Additional cost is staff, premises and running less what it took the place of; setting it up is left out. An amount that is not given is not
-- nought: the sum is then unknown. A person on several of its schemes is managed once; a year named 2013 is that of the calendar.
with programme as (
    select
        *,
        staff + premises + running - displaced as additional_cost,
        case when year like '%/%' then make_date(left(year, 4)::integer, 4, 1) else make_date(year::integer, 1, 1) end as year_from
    from {{ ref('stg_reference__programme_costs') }}
),

managed as (
    select programme.year, membership.person_key, range_agg(daterange(membership.valid_from, membership.valid_to)) as days
    from programme
    inner join {{ ref('int_schemes__membership') }} as membership
        on membership.scheme = any(programme.schemes)
        and membership.valid_from < {{ months_after('programme.year_from', '12') }}
        and (membership.valid_to is null or membership.valid_to > programme.year_from)
    group by programme.year, membership.person_key
),

counted as (
    select managed.year, count(distinct managed.person_key) as n_people, sum(upper(stretch.days) - lower(stretch.days)) as person_days
    from managed
    inner join programme using (year)
    cross join lateral unnest(managed.days * datemultirange(daterange(
        programme.year_from,
        greatest(programme.year_from, least({{ months_after('programme.year_from', '12') }}, {{ data_cut('hub') }} + 1))
    ))) as stretch (days)
    where programme.year_from <= {{ data_cut('hub') }}  -- nobody was managed yet in a year to come
    group by managed.year
)

select
    programme.*,
    {{ months_after('programme.year_from', '12') }} as year_before,
    {{ months_after('programme.year_from', '12') }} - 1 <= {{ data_cut('hub') }} as is_over,
    coalesce(counted.n_people, 0) as n_people,
    coalesce(counted.person_days, 0) as person_days,
    {{ data_cut('hub') }} as data_cut
from programme
left join counted using (year)

-- release_summary: one row per week (Monday to Sunday) of the release calendar and area that has a release in it; the whole area in every week.
with week as (
    select monday::date as week_start
    from generate_series(date_trunc('week', {{ today() }}::timestamp), {{ today() }} + 90, interval '7 days') as monday
),

release as (
    select * from {{ ref('release_calendar') }} where change_in_a_week not in ('moved_beyond', 'withdrawn', 'passed', 'no_longer_due')
),

listed as (
    select 'all' as area_level, 'all' as area
    union
    select place.area_level, coalesce(place.area, 'unknown')
    from release
    cross join lateral (values ('division', release.division), ('district', release.district)) as place (area_level, area)
)

select
    week.week_start,
    listed.area_level,
    listed.area,
    count(release.person_key) as n_releases,
    count(*) filter (where release.is_friday or release.is_eve_of_holiday or release.is_weekend_or_holiday) as n_before_closed_offices,
    coalesce(week.week_start + 6 <= holiday.last_day, false) as is_calendar_complete,
    count(*) filter (where release.supervision_on_release = 'none') as n_without_supervision,
    count(*) filter (where release.supervision_on_release = 'unknown') as n_supervision_unknown,
    count(*) filter (where release.accommodation_on_release = 'none') as n_without_accommodation,
    count(*) filter (where release.accommodation_on_release = 'unknown') as n_accommodation_unknown,
    count(*) filter (where release.is_short_sentence) as n_short_sentence,
    count(*) filter (where release.schemes is not null) as n_on_schemes,
    count(*) filter (where release.open_need_count > 0) as n_with_open_need,
    count(*) filter (where release.change_in_a_week = 'earlier') as n_earlier,
    count(*) filter (where release.change_in_a_week = 'later') as n_later,
    count(*) filter (where release.change_in_a_week = 'not_known') as n_not_known_a_week_ago,
    {{ data_cut('prison') }} as data_cut
from week
cross join listed
cross join (select max(day) as last_day from {{ ref('stg_reference__calendar') }} where kind = 'bank_holiday') as holiday
left join release
    on date_trunc('week', release.planned_on)::date = week.week_start
    and (
        listed.area_level = 'all'
        or (listed.area_level = 'division' and listed.area = coalesce(release.division, 'unknown'))
        or (listed.area_level = 'district' and listed.area = coalesce(release.district, 'unknown'))
    )
group by week.week_start, listed.area_level, listed.area, holiday.last_day

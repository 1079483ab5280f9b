-- young_adults: one row per month or quarter, age group (16-17, 18-24) and area of people with an event or on a caseload.
-- Offending is the police's to tell: where they never delivered there are no figures of it, and those of the hub do not wait for them.
{% set areas_of_home %}
    cross join lateral (
        values ('all', 'all'), ('division', coalesce(home.division, 'unknown')), ('district', coalesce(home.district, 'unknown'))
    ) as place (area_level, area)
{%- endset %}
{% set home -%}
    (select person_key, counted_division as division, counted_district as district from {{ ref('int_partnership__place') }}) as home
{%- endset %}
{% set firsts = ('is_first_of_month', 'is_first_of_quarter', 'is_first_again_of_month', 'is_first_again_of_quarter') %}
{% set victims_ages = (
    ('under_16', 'age < 16'), ('16_17', 'age between 16 and 17'), ('18_24', 'age between 18 and 24'), ('25_and_over', 'age >= 25'),
    ('age_unknown', 'age is null')
) %}
{% set group = 'period_kind, period_start, age_group, area_level, area' %}
{% set group_at_home = 'period.period_kind, period.period_start, home.age_group, place.area_level, place.area' %}
with suspect as (
    select
        event.event_ref as crime_ref, event.event_on, event.age_group, event.person_key, home.division, home.district,
        count(*) over (partition by event.event_ref) > 1 as is_joint
    from {{ ref('int_partnership__young_event') }} as event
    inner join {{ home }} using (person_key)
    where event.event_kind = 'detected_crime'
),

by_day as (  -- by day and home first: there are too many events to put each into its periods and areas
    select
        event.event_on, event.age_group, event.event_kind, home.division, home.district,
        count(*) as n_events
        {%- for first in firsts %},
        count(*) filter (where event.{{ first }}) as {{ first }}
        {%- endfor %}
    from {{ ref('int_partnership__young_event') }} as event
    inner join {{ home }} using (person_key)
    group by event.event_on, event.age_group, event.event_kind, home.division, home.district
),

offending as (
    select
        {{ group }},
        sum(case period_kind when 'month' then is_first_of_month else is_first_of_quarter end)
            filter (where event_kind = 'arrest')::bigint as n_people_arrested,
        sum(n_events) filter (where event_kind = 'arrest')::bigint as n_arrests,
        sum(case period_kind when 'month' then is_first_of_month else is_first_of_quarter end)
            filter (where event_kind = 'proven_offence')::bigint as n_people_proven,
        sum(n_events) filter (where event_kind = 'proven_offence')::bigint as n_proven_offences,
        sum(case period_kind when 'month' then is_first_again_of_month else is_first_again_of_quarter end)::bigint as n_people_reoffending,
        sum(case period_kind when 'month' then is_first_of_month else is_first_of_quarter end)
            filter (where event_kind = 'detected_crime')::bigint as n_people_detected
    from (
        select by_day.*, period.period_kind, period.period_start
        from by_day
        {{ in_period('by_day.event_on', ['month', 'quarter'], ref('int_caseload__period')) }}
    ) as home
    {{ areas_of_home }}
    group by {{ group }}
),

detected as (  -- a crime of several people of a group is one in it; of one person's, the most of them, a day's are counted together
    select {{ group }}, sum(n_crimes)::bigint as n_detected_crimes
    from (
        select {{ group_at_home }}, home.n_crimes
        from (
            select suspect.event_on, suspect.age_group, suspect.division, suspect.district, count(*) as n_crimes
            from suspect
            where not suspect.is_joint
            group by suspect.event_on, suspect.age_group, suspect.division, suspect.district
        ) as home
        {{ in_period('home.event_on', ['month', 'quarter'], ref('int_caseload__period')) }}
        {{ areas_of_home }}

        union all

        select {{ group_at_home }}, count(distinct home.crime_ref)
        from suspect as home
        {{ in_period('home.event_on', ['month', 'quarter'], ref('int_caseload__period')) }}
        {{ areas_of_home }}
        where home.is_joint
        group by {{ group_at_home }}
    ) as counted
    group by {{ group }}
),

suffered as (
    select {{ group_at_home }},
        count(distinct home.victim_ref) as n_victims,
        count(distinct home.person_key) as n_people_victims
        {%- for ages, condition in victims_ages %},
        count(distinct home.victim_ref) filter (where {{ condition }}) as n_victims_{{ ages }},
        count(distinct home.person_key) filter (where {{ condition }}) as n_people_victims_{{ ages }}
        {%- endfor %}
    from (
        select suspect.*, victim.victim_ref, victim.age
        from suspect
        inner join {{ ref('stg_police__victim') }} as victim using (crime_ref)
    ) as home
    {{ in_period('home.event_on', ['month', 'quarter'], ref('int_caseload__period')) }}
    {{ areas_of_home }}
    group by {{ group_at_home }}
),

managed as (
    select
        period.period_kind, period.period_start, person.age_band as age_group, area_level, area,
        count(*) as n_caseload,
        count(*) filter (
            where {% for pathway in range(1, 10) %}need.is_assessed_hub_{{ pathway }}{{ ' or ' if not loop.last }}{% endfor %}
        ) as n_assessed,
        count(*) filter (
            where {% for pathway in range(1, 10) %}need.has_need_hub_{{ pathway }}{{ ' or ' if not loop.last }}{% endfor %}
        ) as n_with_need
    from {{ ref('int_caseload__period') }} as period
    inner join {{ ref('int_caseload__person_on_day') }} as person
        on person.as_on = period.period_end and person.age_band in ('16-17', '18-24')
    inner join {{ ref('int_needs__on_day') }} as need using (as_on, person_key)
    inner join {{ home }} using (person_key)
    {{ areas_of_home }}
    group by period.period_kind, period.period_start, person.age_band, area_level, area
),

reach as (
    select
        hub.data_cut,
        exists (select from {{ ref('int_periods__reach') }} where feed = 'police' and data_cut is not null) as has_police,
        exists (select from {{ ref('stg_police__victim') }}) as has_victims
    from {{ reach_of(['hub'], beside=['police']) }} as hub
)

select
    period_kind,
    period_start,
    period.period_end,
    age_group,
    area_level,
    area
    {%- for count in ['people_arrested', 'arrests', 'people_proven', 'proven_offences', 'people_reoffending', 'people_detected'] %},
    case when reach.has_police then coalesce(offending.n_{{ count }}, 0) end as n_{{ count }}
    {%- endfor %},
    case when reach.has_police then coalesce(detected.n_detected_crimes, 0) end as n_detected_crimes
    {%- for victims in ['', '_under_16', '_16_17', '_18_24', '_25_and_over', '_age_unknown'] %},
    case when reach.has_victims then coalesce(suffered.n_victims{{ victims }}, 0) end as n_victims{{ victims }},
    case when reach.has_victims then coalesce(suffered.n_people_victims{{ victims }}, 0) end as n_people_victims{{ victims }}
    {%- endfor %},
    coalesce(managed.n_caseload, 0) as n_caseload,
    coalesce(managed.n_assessed, 0) as n_assessed,
    coalesce(managed.n_with_need, 0) as n_with_need,
    period.is_complete and period.period_end <= reach.data_cut as is_complete,
    reach.data_cut
from offending
full join managed using ({{ group }})
left join detected using ({{ group }})
left join suffered using ({{ group }})
inner join {{ ref('int_caseload__period') }} as period using (period_kind, period_start)
cross join reach

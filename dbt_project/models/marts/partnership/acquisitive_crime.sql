-- acquisitive_crime: one row per offence set, area and financial year, with recorded crime and the share of it that members did.
-- A year is complete when records begin by its first month and the data reach to its end; only complete years are compared or set beside residents.
-- Crimes of a complete year go on being cleared up: its detections are final when they have had half a year for it.
-- Across the day from which crimes of a set are counted in another way, nothing with these crimes is compared.
with reach as (
    select date_trunc('month', min(recorded_on))::date as records_from, {{ data_cut('police') }} as data_cut
    from {{ ref('stg_police__crime') }}
),

broken as (  -- years that lie, with the year before them, on both sides of such a day
    select
        counted.offence_set, counted.area_level, counted.area, counted.year_from,
        string_agg('series_break=' || broken.break_id, '; ' order by broken.breaks_on, broken.break_id) as findings
    from {{ ref('int_area_crime__count') }} as counted
    inner join {{ ref('stg_reference__series_breaks') }} as broken
        on broken.breaks_on > {{ months_after('counted.year_from', '-12') }}
        and broken.breaks_on < {{ months_after('counted.year_from', '12') }}
        and (broken.event_kinds is null or 'recorded_crime' = any(broken.event_kinds))
        and broken.max_sentence_days is null
    left join {{ ref('int_offences__series_break') }} as touched
        on touched.break_id = broken.break_id and touched.offence_set = counted.offence_set
    where broken.offence_set is null or touched.break_id is not null
    group by counted.offence_set, counted.area_level, counted.area, counted.year_from
),

judged as (
    select
        counted.*,
        {{ months_after('counted.year_from', '12') }} as year_before,
        counted.year_from >= reach.records_from and {{ months_after('counted.year_from', '12') }} - 1 <= reach.data_cut as is_complete,
        {{ is_matured(months_after('counted.year_from', '12'), months_until_final(), 'reach.data_cut') }} as is_matured,
        broken.findings as series_breaks,
        reach.data_cut
    from {{ ref('int_area_crime__count') }} as counted
    cross join reach
    left join broken using (offence_set, area_level, area, year_from)
),

compared as (
    select
        *,
        lag(n_recorded) over years as n_recorded_before,
        is_complete and lag(is_complete) over years and series_breaks is null as is_comparable
    from judged
    window years as (partition by offence_set, area_level, area order by year_from)
)

select
    compared.offence_set,
    compared.area_level,
    compared.area,
    to_char(compared.year_from, 'YYYY/') || to_char(compared.year_before, 'YY') as year,
    compared.year_from as period_start,
    compared.year_before - 1 as period_end,
    compared.n_recorded,
    compared.n_recorded_before,
    case when compared.is_comparable then compared.n_recorded - compared.n_recorded_before end as change,
    case when compared.is_comparable then 100 * (compared.n_recorded::numeric / nullif(compared.n_recorded_before, 0) - 1) end as pct_change,
    residents.population,
    case when compared.is_complete then 1000.0 * compared.n_recorded / residents.population end as rate_per_1000,
    compared.n_detected,
    compared.n_people_detected,
    compared.most_by_person,
    compared.n_by_members,
    compared.n_members,
    compared.most_by_member,
    compared.n_by_members::numeric / nullif(compared.n_detected, 0) as share_by_members,
    proportion.low as ci_low,
    proportion.high as ci_high,
    case when compared.is_matured then 'final' else 'provisional' end as status,
    nullif(concat_ws('; ',
        case when not compared.is_complete then 'year_not_complete' when not compared.is_matured then 'detections_to_come' end,
        compared.series_breaks
    ), '') as findings,
    compared.data_cut
from compared
left join {{ ref('stg_reference__populations') }} as residents
    on residents.area = compared.area and residents.year = extract(year from compared.year_from)
cross join lateral statistics.wilson_interval(compared.n_by_members, compared.n_detected) as proportion

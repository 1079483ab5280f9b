-- need_progress: one row per day, scheme or cohort, area, group of people, instrument, pathway and section (`all`: the pathway as a whole).
-- Only people with two assessments are in the two-by-two and the means; the others stand beside it. Nobody without an answer is without need.
with topic as (
    select 'hub' as instrument, pathway, 'all' as section, true as has_need_state
    from generate_series(1, 9) as pathway
    union all
    select 'oasys', pathway, 'all', true
    from {{ ref('int_needs__oasys_section') }}
    group by pathway
    having bool_and(need_from is not null)
    union all
    select 'oasys', pathway, section, need_from is not null
    from {{ ref('int_needs__oasys_section') }}
),

population as (
    select
        group_number, as_on, population_kind, population_id, population_version, area_level, area, group_by, group_value,
        count(*) as n_people
    from {{ ref('int_needs__population') }}
    group by group_number, as_on, population_kind, population_id, population_version, area_level, area, group_by, group_value
),

counted as (
    select
        member.group_number, progress.instrument, progress.pathway, progress.section,
        count(*) filter (where progress.assessment_count = 1) as n_once,
        count(*) filter (where progress.assessment_count > 1) as n_with_both,
        count(*) filter (where both_made and first_has_need and latest_has_need) as need_to_need,
        count(*) filter (where both_made and first_has_need and not latest_has_need) as need_to_none,
        count(*) filter (where both_made and not first_has_need and latest_has_need) as none_to_need,
        count(*) filter (where both_made and not first_has_need and not latest_has_need) as none_to_none,
        avg(first_score) filter (where both_made) as mean_first_score,
        avg(latest_score) filter (where both_made) as mean_latest_score,
        count(*) filter (where both_made and first_version is distinct from latest_version) as n_other_version,
        percentile_cont(0.5) within group (order by latest_on - first_on) filter (where both_made) as median_days_between,
        string_agg(distinct latest_version, ';' order by latest_version) filter (where both_made) as instrument_versions
    from {{ ref('int_needs__population') }} as member
    inner join {{ ref('int_needs__progress') }} as progress
        on progress.person_key = member.person_key and {{ is_open_on('progress', 'member.as_on') }}
    cross join lateral (values (progress.assessment_count > 1)) as made (both_made)
    group by member.group_number, progress.instrument, progress.pathway, progress.section
),

known as (  -- the same small counts come again and again: one interval serves them all
    select changed.*, wilson.low, wilson.high, statistics.compare_counts_p(none_to_need, need_to_none) as exact_p
    from (select distinct need_to_need, need_to_none, none_to_need from counted) as changed
    cross join lateral statistics.wilson_interval(need_to_none, need_to_need + need_to_none) as wilson
)

select
    population.as_on,
    population.population_kind,
    population.population_id,
    population.population_version,
    population.area_level,
    population.area,
    population.group_by,
    population.group_value,
    topic.instrument,
    topic.pathway,
    topic.section,
    population.n_people,
    coalesce(counted.n_with_both, 0) as n_with_both,
    coalesce(counted.n_once, 0) as n_assessed_once,
    population.n_people - coalesce(counted.n_with_both, 0) - coalesce(counted.n_once, 0) as n_not_assessed,
    {%- for cell in ('need_to_need', 'need_to_none', 'none_to_need', 'none_to_none') %}
    case when topic.has_need_state then coalesce(counted.{{ cell }}, 0) end as {{ cell }},
    {%- endfor %}
    case when topic.has_need_state then counted.need_to_none::numeric / nullif(counted.need_to_need + counted.need_to_none, 0) end as share_resolved,
    case when topic.has_need_state then known.low end as ci_low,
    case when topic.has_need_state then known.high end as ci_high,
    case when topic.has_need_state then known.exact_p end as exact_p,
    counted.mean_first_score,
    counted.mean_latest_score,
    counted.mean_latest_score - counted.mean_first_score as mean_score_change,
    counted.median_days_between,
    coalesce(counted.n_other_version, 0) as n_other_version,
    counted.instrument_versions,
    coalesce(day.is_over and population.as_on <= reach.data_cut, false) as is_complete,
    reach.data_cut
from population
inner join {{ ref('int_needs__day') }} as day using (as_on)
cross join topic
inner join (
    select 'hub' as instrument, data_cut from {{ reach_of(['hub']) }} as hub
    union all
    select 'oasys', data_cut from {{ reach_of(['hub', 'probation']) }} as both_feeds
) as reach using (instrument)
left join counted
    on counted.group_number = population.group_number
    and counted.instrument = topic.instrument
    and counted.pathway = topic.pathway
    and counted.section = topic.section
left join known
    on known.need_to_need = counted.need_to_need
    and known.need_to_none = counted.need_to_none
    and known.none_to_need = counted.none_to_need

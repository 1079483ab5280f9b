-- need_at_release: one row per period, population, length of sentence, area, group, source that looks at needs, and need.
-- Whoever a source did not look at stands beside it and is never taken for a person without the need.
with released as (
    select
        kind, period_start, period_end, is_over, population, sentence_group, area_level, area, group_by, group_value,
        count(*) as n_releases, count(distinct person_key) as n_people
    from {{ ref('int_needs__release_group') }}
    group by kind, period_start, period_end, is_over, population, sentence_group, area_level, area, group_by, group_value
),

found as (
    select
        kind, period_start, population, sentence_group, area_level, area, group_by, group_value, needs.source, needs.need,
        count(*) as n_assessed,
        count(*) filter (where needs.is_open) as n_open,
        count(*) filter (where needs.is_open is null) as n_not_known
    from {{ ref('int_needs__release_group') }}
    inner join {{ ref('int_needs__at_release') }} as needs using (person_key, booking_ref, kind)
    group by kind, period_start, population, sentence_group, area_level, area, group_by, group_value, needs.source, needs.need
)

select
    released.kind,
    released.period_start,
    released.period_end,
    released.population,
    released.sentence_group,
    released.area_level,
    released.area,
    released.group_by,
    released.group_value,
    found.source,
    found.need,
    need.need_order,
    released.n_releases,
    released.n_people,
    found.n_assessed,
    released.n_releases - found.n_assessed as n_not_assessed,
    found.n_open,
    found.n_not_known,
    found.n_open::numeric / nullif(found.n_assessed - found.n_not_known, 0) as share_open,
    wilson.low as ci_low,
    wilson.high as ci_high,
    coalesce(released.is_over and (released.kind = 'due' or released.period_end <= reach.data_cut), false) as is_complete,
    reach.data_cut
from released
inner join found using (kind, period_start, population, sentence_group, area_level, area, group_by, group_value)
inner join {{ ref('int_needs__need') }} as need on need.need = found.need
cross join {{ reach_of(['prison']) }} as reach
cross join lateral statistics.wilson_interval(found.n_open, found.n_assessed - found.n_not_known) as wilson

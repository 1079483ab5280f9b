-- need_at_release: one row per period, population, length of sentence, area, group, source that looks at needs, and need.
-- Whoever a source did not look at stands beside it and is never taken for a person without the need, also where
-- it looked at nobody.
-- Who is released is the prison's to say, who is managed the hub's, and what was found the source's own: all of them must have reached the end, but
-- for those that never delivered, of whom there is nothing here.
with listed as (
    select distinct
        release_group, kind, period_start, period_end, is_over, population, sentence_group, area_level, area, group_by, group_value
    from {{ ref('int_needs__release_group') }}
),

released as (
    select release_group, sum(n_releases)::bigint as n_releases
    from (select release_sort, count(*) as n_releases from {{ ref('int_needs__release') }} group by release_sort) as counted
    inner join {{ ref('int_needs__release_group') }} using (release_sort)
    group by release_group
),

found as (
    select
        release_group, source, need,
        sum(n_assessed)::bigint as n_assessed,
        sum(n_open)::bigint as n_open,
        sum(n_not_known)::bigint as n_not_known
    from (
        select
            release_sort, source, need,
            count(*) as n_assessed,
            count(*) filter (where is_open) as n_open,
            count(*) filter (where is_open is null) as n_not_known
        from {{ ref('int_needs__at_release') }}
        group by release_sort, source, need
    ) as counted
    inner join {{ ref('int_needs__release_group') }} using (release_sort)
    group by release_group, source, need
),

reach as (
    select
        looked.source, counted.population,
        min(feed.data_cut) as data_cut
    from (values
        ('prison', array['prison']), ('oasys', array['prison', 'probation']), ('hub', array['prison', 'hub']), ('dip', array['prison', 'dip']),
        ('any', array['prison', 'probation', 'hub', 'dip'])
    ) as looked (source, feeds)
    cross join (values ('everybody', array[]::text[]), ('managed', array['hub'])) as counted (population, feeds)
    inner join {{ ref('int_periods__reach') }} as feed on feed.feed = any(looked.feeds || counted.feeds)
    group by looked.source, counted.population
)

select
    listed.kind,
    listed.period_start,
    listed.period_end,
    listed.population,
    listed.sentence_group,
    listed.area_level,
    listed.area,
    listed.group_by,
    listed.group_value,
    asked.source,
    asked.need,
    need.need_order,
    released.n_releases,
    released.n_releases - coalesce(again.n_again, 0) as n_people,
    coalesce(found.n_assessed, 0) as n_assessed,
    released.n_releases - coalesce(found.n_assessed, 0) as n_not_assessed,
    coalesce(found.n_open, 0) as n_open,
    coalesce(found.n_not_known, 0) as n_not_known,
    found.n_open::numeric / nullif(found.n_assessed - found.n_not_known, 0) as share_open,
    wilson.low as ci_low,
    wilson.high as ci_high,
    coalesce(
        listed.is_over and case listed.kind when 'due' then reach.data_cut = {{ today() }} else listed.period_end <= reach.data_cut end, false
    ) as is_complete,
    reach.data_cut
from listed
inner join released using (release_group)
cross join {{ ref('int_needs__asked_at_release') }} as asked
left join found on found.release_group = listed.release_group and found.source = asked.source and found.need = asked.need
left join {{ ref('int_needs__released_again') }} as again on again.release_group = listed.release_group
inner join {{ ref('int_needs__need') }} as need on need.need = asked.need
inner join reach on reach.source = asked.source and reach.population = listed.population
cross join lateral statistics.wilson_interval(found.n_open, found.n_assessed - found.n_not_known) as wilson

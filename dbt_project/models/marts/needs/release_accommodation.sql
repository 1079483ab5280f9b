-- release_accommodation: one row per quarter of release, population, length of sentence, area and group: where people went.
{% set kinds = ('settled', 'temporary', 'none', 'unknown') %}
with of_sort as (
    select
        release_sort, count(*) as n_releases
        {%- for kind in kinds %},
        count(*) filter (where accommodation = '{{ kind }}') as n_{{ kind }}
        {%- endfor %}
    from {{ ref('int_needs__release') }}
    where kind = 'released'
    group by release_sort
),

counted as (
    select
        release_group, period_start, period_end, is_over, population, sentence_group, area_level, area, group_by, group_value,
        sum(n_releases)::bigint as n_releases
        {%- for kind in kinds %},
        sum(n_{{ kind }})::bigint as n_{{ kind }}
        {%- endfor %}
    from of_sort
    inner join {{ ref('int_needs__release_group') }} using (release_sort)
    group by release_group, period_start, period_end, is_over, population, sentence_group, area_level, area, group_by, group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.population,
    counted.sentence_group,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_releases,
    counted.n_releases - coalesce(again.n_again, 0) as n_people,
    counted.n_settled,
    counted.n_temporary,
    counted.n_none,
    counted.n_unknown,
    counted.n_settled::numeric / nullif(counted.n_releases - counted.n_unknown, 0) as share_settled,
    wilson.low as ci_low,
    wilson.high as ci_high,
    coalesce(counted.is_over and counted.period_end <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
left join {{ ref('int_needs__released_again') }} as again using (release_group)
cross join {{ reach_of(['prison']) }} as reach
cross join lateral statistics.wilson_interval(counted.n_settled, counted.n_releases - counted.n_unknown) as wilson

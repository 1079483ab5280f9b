-- top_change: one row per quarter in which treatment began, step (start to review, review to exit, start to exit), item, area and group.
-- Only treatments with an answer at both ends are compared; the others stand beside them.
with item as (
    select item, better, is_use
    from (
        values
        {%- for item in top_items() %}
        ('{{ item.name }}', '{{ item.better }}', {{ item.is_use }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (item, better, is_use)
),

compared as (
    select
        pair.episode_ref, pair.person_key, pair.client_ref, pair.area, pair.sex, pair.treatment_on, pair.step, item.item, item.better, item.is_use,
        case when later.value is not null then earlier.value end as first_value,
        case when earlier.value is not null then later.value end as later_value
    from {{ ref('int_dip__top_pair') }} as pair
    cross join item
    left join {{ ref('int_dip__top_item') }} as earlier on earlier.review_ref = pair.first_ref and earlier.item = item.item
    left join {{ ref('int_dip__top_item') }} as later on later.review_ref = pair.later_ref and later.item = item.item
),

counted as (
    select
        period.period_start, period.period_end, period.last_day, compared.step, compared.item, compared.better, compared.is_use,
        split.area_level, split.area, split.group_by, split.group_value,
        count(*) as n_treatments,
        count(distinct {{ person_or('client_ref', 'compared') }}) as n_clients,
        count(compared.first_value) as n_with_both,
        avg(compared.first_value) as mean_first,
        avg(compared.later_value) as mean_later,
        count(*) filter (where case compared.better when 'less' then later_value < first_value else later_value > first_value end) as n_better,
        count(*) filter (where later_value = first_value) as n_same,
        count(*) filter (where case compared.better when 'less' then later_value > first_value else later_value < first_value end) as n_worse,
        count(*) filter (where compared.is_use and first_value > 0) as n_using,
        count(*) filter (where compared.is_use and first_value > 0 and later_value = 0) as n_stopped
    from compared
    {{ in_period('compared.treatment_on') }}
    {{ counted_in([['area', 'compared.area']], [['sex', 'compared.sex']]) }}
    group by
        period.period_start, period.period_end, period.last_day, compared.step, compared.item, compared.better, compared.is_use,
        split.area_level, split.area, split.group_by, split.group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.step,
    counted.item,
    counted.better,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_treatments,
    counted.n_clients,
    counted.n_with_both,
    counted.n_treatments - counted.n_with_both as n_without_both,
    counted.mean_first,
    counted.mean_later,
    counted.mean_later - counted.mean_first as mean_change,
    counted.n_better,
    counted.n_same,
    counted.n_worse,
    case when counted.is_use then counted.n_using end as n_using,
    case when counted.is_use then counted.n_stopped end as n_stopped,
    case when counted.is_use then counted.n_stopped::numeric / nullif(counted.n_using, 0) end as share_stopped,
    case when counted.is_use then wilson.low end as ci_low,
    case when counted.is_use then wilson.high end as ci_high,
    case when {{ months_after('counted.last_day', 'limits.profiles_final_after_months') }} <= reach.data_cut then 'final' else 'provisional' end as status,
    reach.data_cut
from counted
cross join {{ reach_of(['dip']) }} as reach
cross join {{ ref('int_dip__limit') }} as limits
cross join lateral statistics.wilson_interval(counted.n_stopped, counted.n_using) as wilson

-- A caseload of a month or quarter that is not the one of its last day.
select month.period_kind, month.period_end, month.area_level, month.area
from {{ ref('dip_caseload') }} as month
left join {{ ref('dip_caseload_by_day') }} as daily
    on daily.area_level = month.area_level and daily.area = month.area and {{ is_open_on('daily', 'month.period_end') }}
where month.group_by = 'all' and month.n_people <> coalesce(daily.n_people, 0)

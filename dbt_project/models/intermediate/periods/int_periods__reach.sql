-- int_periods__reach: one row per feed, with the day that its data reach to; empty for a feed that never delivered.
select
    feed.feed,
    case when vintage.business_date is not null then least({{ today() }}, vintage.business_date) end as data_cut  -- least() skips nulls
from (values ('police'), ('probation'), ('prison'), ('dip'), ('hub')) as feed (feed)
left join {{ source('audit', 'build_vintage') }} as vintage on vintage.feed = feed.feed and vintage.build_id = {{ var('build_id') | int }}

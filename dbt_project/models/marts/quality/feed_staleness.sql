-- feed_staleness: one row per feed of the partnership, with the last delivery that this build saw.
select
    feed,
    state,
    sequence as last_sequence,
    business_date as last_business_date,
    days_stale
from {{ source('audit', 'build_vintage') }}
where build_id = {{ var('build_id') | int }}

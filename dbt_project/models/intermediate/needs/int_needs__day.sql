-- int_needs__day: one row per day that needs are compared on: the business date and the last days of the four quarters before it.
select period_end as as_on, last_day <= {{ today() }} as is_over
from {{ ref('int_periods__period') }}
where period_kind = 'quarter'
order by period_end desc
limit 5

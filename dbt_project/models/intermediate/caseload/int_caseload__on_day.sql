-- int_caseload__on_day: one row per day that stocks are counted on, scheme, area and person on its caseload that day.
-- The days are the last of each month, the one before the first month, and the business date. A person is on the caseload from the day of
-- joining to the day before leaving.
with day as (
    select period_end as as_on from {{ ref('int_caseload__period') }} where period_kind = 'month'
    union
    select period_start - 1 from {{ ref('int_caseload__period') }}
)

select day.as_on, spell.scheme, spell.area_level, spell.area, spell.person_key
from day
inner join {{ ref('int_caseload__spell') }} as spell on {{ is_open_on('spell', 'day.as_on') }}

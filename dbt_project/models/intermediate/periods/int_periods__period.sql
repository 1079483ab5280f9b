-- int_periods__period: one row per kind of period and calendar month or quarter of the last ten years, up to the business date.
-- The period that the business date lies in ends on it; last_day is the day on which it will be over.
select
    kind.period_kind,
    opening::date as period_start,
    least((opening + kind.length)::date - 1, {{ today() }}) as period_end,
    (opening + kind.length)::date - 1 as last_day
from (values ('month', interval '1 month'), ('quarter', interval '3 months')) as kind (period_kind, length)
cross join lateral generate_series(
    date_trunc(kind.period_kind, {{ today() }} - interval '10 years'), {{ today() }}, kind.length
) as opening

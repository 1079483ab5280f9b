-- int_caseload__day: one row per day that stocks are counted on: the last of each month, the one before the first month, the business date.
select period_end as as_on from {{ ref('int_caseload__period') }} where period_kind = 'month'
union
select period_start - 1 from {{ ref('int_caseload__period') }}

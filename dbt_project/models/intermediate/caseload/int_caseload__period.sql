-- int_caseload__period: one row per kind of period and calendar month or quarter, from the first of the hub's memberships, referrals,
-- meetings and assessments of a standard to the business date. At most ten years back. The period that the business date lies in ends on it. A period is complete when it is over and the hub has
-- delivered up to its end.
with recorded as (
    select min(day) as first_on
    from (
        select valid_from as day from {{ ref('int_schemes__membership') }}
        union all
        select referred_on from {{ ref('stg_hub__referral') }}
        union all
        select held_on from {{ ref('stg_hub__meeting') }}
        union all
        select assessed_on from {{ ref('stg_hub__standard') }}
    ) as any_of_them
),

delivered as (
    select least({{ today() }}, max(business_date)) as data_cut
    from {{ source('audit', 'build_vintage') }}
    where build_id = {{ var('build_id') | int }} and feed = 'hub'
)

select
    kind.period_kind,
    opening::date as period_start,
    least((opening + kind.length)::date - 1, {{ today() }}) as period_end,
    (opening + kind.length)::date - 1 <= delivered.data_cut as is_complete,
    delivered.data_cut
from recorded
cross join delivered
cross join (values ('month', interval '1 month'), ('quarter', interval '3 months')) as kind (period_kind, length)
cross join lateral generate_series(
    date_trunc(kind.period_kind, greatest(recorded.first_on, {{ today() }} - interval '10 years')), {{ today() }}, kind.length
) as opening
where recorded.first_on is not null

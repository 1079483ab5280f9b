-- linkage_quality: one row per figure of the linkage, feed, item and reason, as the build's linkage run left it and a month before.
with month_before as (
    select linkage_run, business_date
    from {{ source('audit', 'build') }}
    where kind = 'nightly'
        and status = 'succeeded'
        and linkage_run is not null
        and business_date <= {{ today() }} - interval '1 month'
    order by business_date desc, build_id desc
    limit 1
),

tonight as (
    select figure, feed, item, reason, n, of_n
    from {{ source('audit', 'linkage_quality') }}
    where run_id = {{ var('linkage_run') | int }}
),

back_then as (
    select figure, feed, item, reason, n, of_n
    from {{ source('audit', 'linkage_quality') }}
    where run_id = (select linkage_run from month_before)
),

-- what only one of the two nights has was nought in the other
compared as (
    select
        figure,
        feed,
        item,
        reason,
        coalesce(tonight.n, 0) as n,
        tonight.of_n,
        tonight.n::numeric / nullif(tonight.of_n, 0) as share,
        (select business_date from month_before) as compared_with,
        case when exists (select from back_then) then coalesce(back_then.n, 0) end as n_before,
        back_then.n::numeric / nullif(back_then.of_n, 0) as share_before
    from tonight
    full join back_then using (figure, feed, item, reason)
)

select
    figure,
    feed,
    item,
    reason,
    n,
    of_n,
    share,
    compared_with,
    n_before,
    share_before,
    n - n_before as change,
    100.0 * (n - n_before) / nullif(n_before, 0) as pct_change,
    100.0 * (share - share_before) as points_change
from compared

-- caseload_movement: one row per scheme, area that ever had a caseload, and month or quarter from its first member on.
-- Opening and closing are counted on their days, joiners and leavers by their dates: that the four agree is tested, not assumed.
with caseload as (
    select scheme, area_level, area, min(valid_from) as first_on
    from {{ ref('int_caseload__spell') }}
    group by scheme, area_level, area
),

moved as (
    select
        period_kind, period_start, scheme, area_level, area,
        sum(n_people) filter (where direction = 'joined') as joiners,
        sum(n_people) filter (where direction = 'left') as leavers
    from {{ ref('caseload_reason') }}
    group by period_kind, period_start, scheme, area_level, area
),

staying as (  -- who is on the scheme equally long counted once, so that not everybody is sorted
    select as_on, scheme, area_level, area, as_on - on_scheme_from + 1 as days_on_scheme, count(*) as n_people
    from {{ ref('int_caseload__on_day') }}
    group by as_on, scheme, area_level, area, on_scheme_from
),

stock as (
    select
        as_on, scheme, area_level, area,
        sum(n_people)::bigint as n_people,
        {{ percentile_of_counted('days_on_scheme', '0.5') }} as median_days_on_scheme
    from (
        select
            *,
            sum(n_people) over (partition by as_on, scheme, area_level, area order by days_on_scheme) as up_to,
            sum(n_people) over (partition by as_on, scheme, area_level, area) as total
        from staying
    ) as reached
    group by as_on, scheme, area_level, area
),

counted as (
    select
        period.*, scheme, area_level, area,
        coalesce(before.n_people, 0) as opening,
        coalesce(moved.joiners, 0)::bigint as joiners,
        coalesce(moved.leavers, 0)::bigint as leavers,
        coalesce(after.n_people, 0) as closing,
        after.median_days_on_scheme
    from {{ ref('int_caseload__period') }} as period
    inner join caseload on caseload.first_on <= period.period_end
    left join moved using (period_kind, period_start, scheme, area_level, area)
    left join (select as_on + 1 as period_start, scheme, area_level, area, n_people from stock) as before
        using (period_start, scheme, area_level, area)
    left join (select as_on as period_end, scheme, area_level, area, n_people, median_days_on_scheme from stock) as after
        using (period_end, scheme, area_level, area)
)

select
    period_kind,
    period_start,
    period_end,
    scheme,
    area_level,
    area,
    opening,
    joiners,
    leavers,
    closing,
    100 * (closing::numeric / nullif(opening, 0) - 1) as pct_change,
    median_days_on_scheme,
    is_complete,
    data_cut
from counted

-- survival_curve: one row per measure version followed from an index day, group and day that has an event or ends a horizon, and day 0.
-- Kaplan and Meier's estimate of the share still without an event after that day, with Greenwood's interval on the log-log scale.
with on_day as (
    select
        grouped.measure_id, grouped.measure_version, grouped.group_by, grouped.group_value,
        followed.days_followed as day,
        count(*) filter (where followed.is_event) as n_events,
        count(*) filter (where not followed.is_event) as n_ended,
        false as is_horizon
    from {{ ref('int_reoffending__time_to_event') }} as followed
    inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, person_key, index_on)
    group by grouped.measure_id, grouped.measure_version, grouped.group_by, grouped.group_value, followed.days_followed
),

axis as (
    select measure_id, measure_version, group_by, group_value, day, n_events, n_ended, is_horizon from on_day
    union all
    select known.measure_id, known.measure_version, known.group_by, known.group_value, coalesce(period.horizon_days, 0), 0, 0, period.horizon_days is not null
    from (select distinct measure_id, measure_version, group_by, group_value from on_day) as known
    inner join (
        select measure_id, measure_version, horizon_days from {{ ref('int_reoffending__period') }} where horizon_days is not null
        union all
        select measure_id, measure_version, null from {{ ref('int_reoffending__measure') }}
    ) as period using (measure_id, measure_version)
),

counted as (
    select
        measure_id, measure_version, group_by, group_value, day,
        sum(n_events)::bigint as n_events,
        sum(n_ended)::bigint as n_ended,
        bool_or(is_horizon) as is_horizon
    from axis
    group by measure_id, measure_version, group_by, group_value, day
),

at_risk as (
    select
        *,
        coalesce(sum(n_events + n_ended) over from_the_day, 0)::bigint as n_at_risk,
        sum(n_events) over to_the_day as events_so_far,
        coalesce(sum(n_ended) over before_the_day, 0)::bigint as ended_before
    from counted
    window
        group_days as (partition by measure_id, measure_version, group_by, group_value order by day),
        from_the_day as (group_days rows between current row and unbounded following),
        to_the_day as (group_days rows between unbounded preceding and current row),
        before_the_day as (group_days rows between unbounded preceding and 1 preceding)
),

estimated as (
    select
        *,
        exp(sum(case when n_events < n_at_risk then ln(1 - n_events::double precision / n_at_risk) when n_at_risk > 0 then '-infinity' else 0 end)
            over to_the_day) as survival,
        sum(case when n_events < n_at_risk then n_events::double precision / n_at_risk / (n_at_risk - n_events) when n_at_risk > 0 then 'infinity' else 0 end)
            over to_the_day as log_variance
    from at_risk
    window to_the_day as (
        partition by measure_id, measure_version, group_by, group_value order by day rows between unbounded preceding and current row
    )
),

settled as (
    select measure_id, measure_version, by_group as group_by, in_group as group_value, bool_and(is_final) as is_final
    from {{ ref('int_reoffending__figure') }}
    group by measure_id, measure_version, by_group, in_group
)

select
    measure_id,
    measure_version,
    group_by,
    group_value,
    case when settled.is_final then 'final' else 'provisional' end as status,
    day::integer as day,
    is_horizon,
    n_at_risk,
    n_events,
    events_so_far::bigint as events_so_far,
    ended_before,
    survival,
    case when survival = 1 then 1 when survival > 0 then power(survival, exp(1.959964 * sqrt(log_variance) / -ln(survival))) end as ci_low,
    case when survival = 1 then 1 when survival > 0 then power(survival, exp(-1.959964 * sqrt(log_variance) / -ln(survival))) end as ci_high
from estimated
inner join settled using (measure_id, measure_version, group_by, group_value)
where n_events > 0 or is_horizon or day = 0

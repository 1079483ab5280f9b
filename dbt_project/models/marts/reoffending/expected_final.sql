-- expected_final: one row per event kind, area and month of events, and one per provisional row of a measure whose kind of event comes late.
-- Chain ladder with Mack's standard error: the variance of the growth itself for each month of events, and the error of its estimate, which
-- all months share. The interval is that of a lognormal remainder, so it never lies below what is known.
with subject as (
    select
        subject, event_kind, area_level, area, event_month,
        null as measure_id, null as measure_version, null::integer as period_number, null as group_by, null as group_value,
        null::date as period_end, null::integer as horizon_days,
        n_known as n_events, true as is_over, n_in_triangle, known_on, data_cut
    from {{ ref('int_maturity__newest') }}

    union all

    select
        subject, provisional.event_kind, 'all', 'all', null,
        measure_id, measure_version, period_number, group_by, group_value, period_end, horizon_days,
        n_events, is_over, triangle.n_in_triangle, triangle.known_on, provisional.data_cut
    from {{ ref('int_maturity__provisional') }} as provisional
    left join (
        select distinct event_kind, n_in_triangle, known_on from {{ ref('int_maturity__newest') }} where area_level = 'all'
    ) as triangle using (event_kind)
),

own as (  -- the variance of growth: each month of events has its own
    select
        subject, event_month, most_delay,
        min(n_final) as n_final,
        bool_or(factor is null) as is_growth_unknown,
        bool_or(variance is null) as is_variance_unknown,
        power(min(n_final), 2) * sum(variance / power(factor, 2) / nullif(n_before, 0)) as variance
    from {{ ref('int_maturity__step') }}
    group by subject, event_month, most_delay
),

shared as (  -- the error of the estimated growth: one for all months of events that still have the step before them
    select subject, sum(error * power(n_final, 2)) as variance
    from (
        select subject, step, variance / power(factor, 2) / base as error, sum(n_final) as n_final
        from {{ ref('int_maturity__step') }}
        group by subject, step, variance, factor, base
    ) as of_step
    group by subject
),

estimate as (
    select
        so_far.subject,
        sum(so_far.n_known) as n_known,
        bool_and(so_far.delay = so_far.most_delay) as is_all_known,
        bool_or(so_far.n_known > 0 and own.is_growth_unknown) as is_growth_unknown,
        bool_or(so_far.n_known > 0 and own.is_variance_unknown) as is_variance_unknown,
        sum(coalesce(own.n_final, so_far.n_known)) as n_final,
        sqrt(coalesce(sum(own.variance), 0) + coalesce(min(shared.variance), 0)) as standard_error
    from {{ ref('int_maturity__so_far') }} as so_far
    left join own using (subject, event_month, most_delay)
    left join shared using (subject)
    group by so_far.subject
),

judged as (
    select
        subject.*,
        case
            when not subject.is_over then 'follow_up_not_over'
            when coalesce(subject.n_in_triangle, 0) < {{ var('fewest_events_in_triangle') | int }} then 'too_few_events'
            when coalesce(estimate.n_known, 0) = 0 and estimate.is_all_known is not true then 'nothing_known_yet'
            when estimate.is_growth_unknown then 'delay_not_known'
            when estimate.is_variance_unknown then 'interval_not_known'
        end as reason,
        estimate.n_known,
        estimate.n_final,
        estimate.standard_error,
        sqrt(ln(1 + power(estimate.standard_error / nullif(estimate.n_final - estimate.n_known, 0), 2))) as log_spread
    from subject
    left join estimate using (subject)
)

select
    event_kind, area_level, area, event_month,
    measure_id, measure_version, period_number, group_by, group_value, period_end, horizon_days,
    n_events,
    case when coalesce(reason, 'interval_not_known') = 'interval_not_known' then greatest(n_events, n_final) end as expected_final,
    case when reason is null then standard_error end as standard_error,
    {%- for bound, sign in [('ci_low', '-'), ('ci_high', '+')] %}
    case when reason is null then greatest(
        n_events, n_known + (n_final - n_known) * exp({{ sign }} 1.959964 * coalesce(log_spread, 0) - power(coalesce(log_spread, 0), 2) / 2)
    ) end as {{ bound }},
    {%- endfor %}
    reason,
    known_on,
    data_cut
from judged

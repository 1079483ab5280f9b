-- int_reoffending__period: one row per measure version and period or horizon that a figure is given for.
-- A fixed follow-up is cut into quarters where the measure says so: each row runs from its first day to the end of a quarter, so counts are
-- cumulative. Otherwise there is one row per horizon in days from the index day, and one for a follow-up in months.
-- predicted_years is 1 or 2 where the follow-up is as long as official predictors look ahead, else null.
-- baseline_share is what part of the baseline's count stands for an equally long time: by months where both are whole months, else by days.
with fixed as (
    select
        measure.*,
        quarter.number as period_number,
        null::integer as horizon_days,
        null::integer as horizon_months,
        measure.follow_up_from as period_from,
        case
            when measure.period = 'quarter' then least({{ months_after('measure.follow_up_from', '3 * quarter.number') }}, measure.follow_up_to + 1)
            else measure.follow_up_to + 1
        end as period_before
    from {{ ref('int_reoffending__measure') }} as measure
    cross join lateral generate_series(1, 400) as quarter (number)
    where
        measure.has_fixed_window
        and {{ months_after('measure.follow_up_from', '3 * (quarter.number - 1)') }} <= measure.follow_up_to
        and (measure.period = 'quarter' or quarter.number = 1)
),

relative as (
    select
        measure.*,
        row_number() over (partition by measure.measure_id, measure.measure_version order by horizon.months nulls first, horizon.days)::integer
            as period_number,
        horizon.days as horizon_days,
        horizon.months as horizon_months,
        case when measure.cohort_kind = 'static' then measure.frozen_on else measure.index_from end as period_from,
        case
            when measure.cohort_kind = 'static' then measure.frozen_on + coalesce(horizon.days, 0) + make_interval(months => coalesce(horizon.months, 0))
            else measure.index_to
        end::date + 1 as period_before
    from {{ ref('int_reoffending__measure') }} as measure
    cross join lateral (
        select unnest(measure.horizons)::integer as days, null::integer as months
        union
        select measure.follow_up_days, null where measure.follow_up_days is not null
        union
        select null, measure.follow_up_months where measure.follow_up_months is not null
    ) as horizon
    where not measure.has_fixed_window
),

period as (
    select * from fixed
    union all
    select * from relative
)

select
    period.*,
    case
        when comparison <> 'pro_rata_baseline' then 1
        when has_fixed_window then {{ length_ratio('period_from', 'period_before', 'baseline_from', 'baseline_to + 1') }}
        else {{ length_ratio(
            'baseline_from', '(baseline_from + coalesce(horizon_days, 0) + make_interval(months => coalesce(horizon_months, 0)))::date',
            'baseline_from', 'baseline_to + 1') }}
    end as baseline_share,
    case
        when horizon_months = 12 or horizon_days between 364 and 366 then 1
        when horizon_months = 24 or horizon_days between 728 and 731 then 2
        when has_fixed_window then nullif({{ whole_months('period_from', 'period_before') }} in (12, 24), false)::integer
            * ({{ whole_months('period_from', 'period_before') }})::integer / 12
    end as predicted_years
from period

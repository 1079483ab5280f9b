-- int_reoffending__windows: one row per measure version, person, index day and period or horizon, with the days on which an event counts.
-- Half-open. A window from an index day begins the day after it, or on it where the measure says so, and ends with the horizon or with the
-- anniversary (29 February: 28 February). An event counts when it became known by the end of its window and the waiting months after that.
-- On the clock at_liberty a follow-up that death cut short was over on the day of death.
-- People who are matched and have no baseline are so by the twelve months before.
{{ build_by_person('unsettled_people') }}
with follow_up as (
    select
        period.*,
        member.person_key,
        member.index_on,
        case
            when period.has_fixed_window then period.period_from
            when period.index_day_counts then member.index_on
            else member.index_on + 1
        end as valid_from,
        case
            when period.has_fixed_window then period.period_before
            when clock.last_on is not null then clock.last_on + 1
            when period.horizon_days is not null then member.index_on + period.horizon_days + 1
            else {{ months_after('member.index_on', 'period.horizon_months') }} + 1
        end as valid_to,
        dead.died_on
    from {{ ref('int_reoffending__period') }} as period
    inner join {{ ref('int_reoffending__cohort_member') }} as member using (cohort_id, cohort_version)
    left join {{ ref('int_reoffending__liberty_clock') }} as clock
        on period.clock = 'at_liberty'
        and not period.has_fixed_window
        and clock.person_key = member.person_key
        and clock.index_on = member.index_on
        and clock.free_days
        = coalesce(period.horizon_days, {{ months_after('member.index_on', 'period.horizon_months') }} - member.index_on)
    left join {{ ref('int_people__person') }} as dead
        on period.clock = 'at_liberty'
        and not period.has_fixed_window
        and dead.person_key = member.person_key
        and dead.died_on is not null
    where {{ has_changed_or_is_unsettled('member.person_key') }}
),

beside as (
    select
        *,
        least(valid_to - 1, died_on) as over_on,
        case
            when comparison = 'pro_rata_baseline' then baseline_from
            when comparison = 'same_months_prior_year' or is_matched then {{ months_after('valid_from', '-12') }}
        end as baseline_valid_from,
        case
            when comparison = 'pro_rata_baseline' then baseline_to + 1
            -- a year before the last day and before the day after it: of a window to the end of February that day may be the 28th or the 29th
            when comparison = 'same_months_prior_year'
                then greatest({{ months_after('valid_to', '-12') }}, {{ months_after('valid_to - 1', '-12') }} + 1)
            when is_matched then valid_from
        end as baseline_valid_to
    from follow_up
)

select
    measure_id,
    measure_version,
    cohort_id,
    cohort_version,
    person_key,
    index_on,
    period_number,
    horizon_days,
    has_fixed_window,
    has_fixed_window or clock = 'at_liberty' as is_custody_deducted,
    valid_from,
    valid_to,
    {{ known_by('(over_on + 1)', 'waiting_months') }} as known_by,
    baseline_valid_from,
    baseline_valid_to,
    {{ known_by('baseline_valid_to', 'waiting_months') }} as baseline_known_by,
    baseline_share,
    over_on,
    {{ is_matured('(over_on + 1)', 'final_after_months', 'data_cut') }} as is_final,
    predicted_years
from beside

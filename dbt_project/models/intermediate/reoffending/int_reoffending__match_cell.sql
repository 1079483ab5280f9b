-- int_reoffending__match_cell: one row per measure version whose cohort is set beside another, period or horizon, and cell of people who have in
-- common what they are matched on, with the counts of both sides. Whoever is in both cohorts is of the measure's own.
with person as (
    select
        pair.measure_id, pair.measure_version, pair.is_comparison, at_risk.period_number, at_risk.event_count, at_risk.baseline_count,
        at_risk.days_at_liberty,
        array[
            case when 'sex' = any(pair.match_on) then member.sex end,
            case when 'age_band' = any(pair.match_on) then member.age_band end,
            case when 'baseline_count' = any(pair.match_on) then {{ count_band('at_risk.baseline_count') }} end
        ] as cell
    from {{ ref('int_reoffending__match_pair') }} as pair
    inner join {{ ref('int_reoffending__outcome') }} as outcome
        on outcome.measure_id = pair.of_measure_id and outcome.measure_version = pair.of_measure_version and not outcome.is_excluded
    inner join {{ ref('int_reoffending__at_risk') }} as at_risk on {{ same_window('at_risk', 'outcome') }}
    inner join {{ ref('int_reoffending__cohort_member') }} as member
        on member.cohort_id = outcome.cohort_id
        and member.cohort_version = outcome.cohort_version
        and member.person_key = outcome.person_key
        and member.index_on = outcome.index_on
    where not (
        pair.is_comparison
        and exists (
            select from {{ ref('int_reoffending__cohort_member') }} as own
            where own.cohort_id = pair.cohort_id and own.cohort_version = pair.cohort_version and own.person_key = outcome.person_key
        )
    )
)

select
    measure_id, measure_version, period_number, cell,
    {%- for side, is_side in [('own', 'not is_comparison'), ('comparison', 'is_comparison')] %}
    count(*) filter (where {{ is_side }}) as {{ side }}_people,
    count(*) filter (where {{ is_side }} and event_count > 0) as {{ side }}_people_with_event,
    coalesce(sum(event_count) filter (where {{ is_side }}), 0) as {{ side }}_events,
    coalesce(sum(baseline_count) filter (where {{ is_side }}), 0) as {{ side }}_baseline,
    coalesce(sum(days_at_liberty) filter (where {{ is_side }}), 0) as {{ side }}_days_at_liberty{{ ',' if not loop.last }}
    {%- endfor %}
from person
group by measure_id, measure_version, period_number, cell

-- int_reoffending__match_pair: one row per measure version whose cohort is set beside another, and side: its own people, and those of the measure of
-- the other cohort that counts the same.
with pair as (
    select distinct on (measure.measure_id, measure.measure_version)
        measure.measure_id, measure.measure_version, measure.cohort_id, measure.cohort_version, measure.match_on,
        other.measure_id as other_measure_id, other.measure_version as other_measure_version
    from {{ ref('int_reoffending__measure') }} as measure
    inner join {{ ref('int_reoffending__measure') }} as other
        on other.cohort_id = measure.comparison_cohort
        and (
            other.event_kind, other.count_unit, other.date_basis, other.offence_set, other.exclude_breach, other.baseline_from, other.baseline_to,
            other.follow_up_from, other.follow_up_to, other.follow_up_days, other.follow_up_months, other.horizons, other.clock,
            other.index_day_counts, other.waiting_months, other.comparison, other.period
        ) is not distinct from (
            measure.event_kind, measure.count_unit, measure.date_basis, measure.offence_set, measure.exclude_breach, measure.baseline_from, measure.baseline_to,
            measure.follow_up_from, measure.follow_up_to, measure.follow_up_days, measure.follow_up_months, measure.horizons, measure.clock,
            measure.index_day_counts, measure.waiting_months, measure.comparison, measure.period
        )
    order by measure.measure_id, measure.measure_version, other.measure_id, length(other.measure_version) desc, other.measure_version desc
)

select pair.*, side.is_comparison, side.of_measure_id, side.of_measure_version
from pair
cross join lateral (
    values (false, pair.measure_id, pair.measure_version), (true, pair.other_measure_id, pair.other_measure_version)
) as side (is_comparison, of_measure_id, of_measure_version)

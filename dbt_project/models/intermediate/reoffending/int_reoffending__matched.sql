-- int_reoffending__matched: one row per measure version whose cohort is set beside another, and period or horizon, with the figures of both.
-- Only cells with people on both sides count. In each the people of the comparison have the weight of the cohort's, so that
-- both sides are made up alike: the figures of the comparison are those of as many people as were matched.
with weighed as (
    select
        *,
        own_people > 0 and comparison_people > 0 as is_matched,
        own_people / nullif(comparison_people, 0)::numeric as weight
    from {{ ref('int_reoffending__match_cell') }}
)

select
    weighed.measure_id, weighed.measure_version, weighed.period_number,
    coalesce(sum(weighed.own_people) filter (where weighed.is_matched), 0)::bigint as n_matched,
    coalesce(sum(weighed.own_people) filter (where not weighed.is_matched), 0)::bigint as n_unmatched,
    coalesce(sum(weighed.comparison_people) filter (where weighed.is_matched), 0)::bigint as n_comparison,
    sum(weighed.own_people_with_event) filter (where weighed.is_matched) / sum(weighed.own_people) filter (where weighed.is_matched)
        as matched_rate,
    sum(weighed.weight * weighed.comparison_people_with_event) filter (where weighed.is_matched)
        / sum(weighed.own_people) filter (where weighed.is_matched) as comparison_rate,
    sum(weighed.own_events) filter (where weighed.is_matched) as matched_events,
    sum(weighed.weight * weighed.comparison_events) filter (where weighed.is_matched) as comparison_events,
    sum(weighed.own_baseline) filter (where weighed.is_matched) as matched_baseline,
    sum(weighed.weight * weighed.comparison_baseline) filter (where weighed.is_matched) as comparison_baseline,
    sum(weighed.own_days_at_liberty) filter (where weighed.is_matched) as matched_days_at_liberty,
    sum(weighed.weight * weighed.comparison_days_at_liberty) filter (where weighed.is_matched) as comparison_days_at_liberty
from weighed
group by weighed.measure_id, weighed.measure_version, weighed.period_number

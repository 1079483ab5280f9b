-- int_reoffending__people: one row per measure version, group and period or horizon, with how many people its counts rest on.
-- A cohort may take a person on several days, and each day of entry counts. Whether a count tells what a few people did is a question of the
-- people, so here each is one, with the entries and the events of all of these days.
with person as (
    select
        grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value, outcome.person_key,
        count(*) as entry_count,
        count(*) filter (where outcome.event_count > 0) as entry_with_event_count,
        bool_or(outcome.is_eligible) as is_eligible,
        bool_or(outcome.is_meeting_target) as is_meeting_target,
        sum(outcome.event_count) as event_count,
        sum(outcome.baseline_count) as baseline_count
    from {{ ref('int_reoffending__outcome') }} as outcome
    inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, person_key, index_on)
    where not outcome.is_excluded
    group by grouped.measure_id, grouped.measure_version, outcome.period_number, grouped.group_by, grouped.group_value, outcome.person_key
)

select
    measure_id, measure_version, period_number, group_by, group_value,
    count(*) as n_distinct_people,
    count(*) filter (where entry_with_event_count > 0) as n_distinct_with_event,
    count(*) filter (where is_eligible) as n_distinct_eligible,
    count(*) filter (where is_meeting_target) as n_distinct_meeting,
    max(entry_count) as most_entries,
    max(entry_with_event_count) as most_entries_with_event,
    max(event_count) as most_events,
    max(baseline_count) as most_baseline_events
from person
group by measure_id, measure_version, period_number, group_by, group_value

-- int_reoffending__people: one row per measure version, group and period or horizon, with how many people its counts rest on.
-- A cohort may take a person on several days, and each day of entry counts. Whether a count tells what a few people did is a question of the
-- people, so here each is one, with the entries and the events of all of these days.
with person as (
    select
        {{ figure_key() }}, person_key,
        count(*) as entry_count,
        count(*) filter (where event_count > 0) as entry_with_event_count,
        bool_or(is_eligible) as is_eligible,
        bool_or(is_meeting_target) as is_meeting_target,
        sum(event_count) as event_count,
        sum(baseline_count) as baseline_count
    from {{ ref('int_reoffending__grouped_outcome') }}
    where not is_excluded
    group by {{ figure_key() }}, person_key
)

select
    {{ figure_key() }},
    count(*) as n_distinct_people,
    count(*) filter (where entry_with_event_count > 0) as n_distinct_with_event,
    count(*) filter (where is_eligible) as n_distinct_eligible,
    count(*) filter (where is_meeting_target) as n_distinct_meeting,
    max(entry_count) as most_entries,
    max(entry_with_event_count) as most_entries_with_event,
    max(event_count) as most_events,
    max(baseline_count) as most_baseline_events
from person
group by {{ figure_key() }}

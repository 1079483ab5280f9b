-- int_reoffending__people: one row per measure version, group and period or horizon, with how many people its counts rest on, and what is left
-- of them without the one or two most active.
-- A cohort may take a person on several days, and each day of entry counts. Whether a count tells what a few people did is a question of the
-- people, so here each is one, with the entries and the events of all of these days. They are ranked by their events in the follow-up, then by what
-- was expected of them, then by their entries, so that figures without the first do not hang on which of two people alike that is.
{% set counts = ('people', 'people_with_event', 'events', 'expected') %}
with person as (
    select
        {{ figure_key() }}, person_key,
        count(*) as people,
        count(*) filter (where event_count > 0) as people_with_event,
        bool_or(is_eligible) as is_eligible,
        bool_or(is_meeting_target) as is_meeting_target,
        sum(event_count) as events,
        sum(baseline_count) as baseline,
        sum(expected_count) as expected
    from {{ ref('int_reoffending__grouped_outcome') }}
    where not is_excluded
    group by {{ figure_key() }}, person_key
),

counted as (
    select
        {{ figure_key() }},
        count(*) as n_distinct_people,
        count(*) filter (where people_with_event > 0) as n_distinct_with_event,
        count(*) filter (where is_eligible) as n_distinct_eligible,
        count(*) filter (where is_meeting_target) as n_distinct_meeting,
        max(people) as most_entries,
        max(people_with_event) as most_entries_with_event,
        max(events) as most_events,
        max(baseline) as most_baseline_events
        {%- for count in counts %},
        sum({{ count }}) as {{ count }}
        {%- endfor %}
    from person
    group by {{ figure_key() }}
),

active as (  -- as many events as the second most active has: only these few need to be ranked, not everybody
    select {{ figure_key() }}, coalesce(max(events) filter (where with_as_many > 1), min(events)) as fewest_events
    from (
        select {{ figure_key() }}, events, sum(count(*)) over (partition by {{ figure_key() }} order by events desc) as with_as_many
        from person
        group by {{ figure_key() }}, events
    ) as of_events
    group by {{ figure_key() }}
),

ranked as (
    select
        person.*,
        row_number() over (
            partition by {{ figure_key() }}
            order by person.events desc, person.expected desc nulls last, person.people_with_event desc, person.people desc, person.person_key
        ) as place
    from person
    inner join active using ({{ figure_key() }})
    where person.events >= active.fewest_events
),

most_active as (
    select
        {{ figure_key() }}
        {%- for few in (1, 2) %}{% for count in counts %},
        sum({{ count }}) filter (where place <= {{ few }}) as {{ count }}_of_{{ few }}
        {%- endfor %}{% endfor %}
    from ranked
    group by {{ figure_key() }}
)

select
    {{ figure_key() }},
    counted.n_distinct_people,
    counted.n_distinct_with_event,
    counted.n_distinct_eligible,
    counted.n_distinct_meeting,
    counted.most_entries,
    counted.most_entries_with_event,
    counted.most_events,
    counted.most_baseline_events
    {%- for few in (1, 2) %},
    counted.people - people_of_{{ few }} as people_without_{{ few }},
    counted.people_with_event - people_with_event_of_{{ few }} as people_with_event_without_{{ few }},
    case when counted.people > people_of_{{ few }} then counted.events - events_of_{{ few }} end as events_without_{{ few }},
    counted.expected - coalesce(expected_of_{{ few }}, 0) as expected_without_{{ few }}
    {%- endfor %}
from counted
inner join most_active using ({{ figure_key() }})

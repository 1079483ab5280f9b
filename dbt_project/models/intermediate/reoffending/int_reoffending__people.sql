-- int_reoffending__people: one row per measure version, group and period or horizon, with how many people its counts rest on, and what is left
-- of them without the one or two most active.
-- A cohort may take a person on several days, and each day of entry counts. Whether a count tells what a few people did is a question of the
-- people, so here each is one, with the entries and the events of all of these days. They are ranked by their events in the follow-up, then by what
-- was expected of them, then by their entries: people who agree in all of that are counted together, so that not everybody need be sorted.
{% set counts = ('people', 'people_with_event', 'events', 'expected') %}
with alike as (
    select * from {{ tally_beside(ref('int_reoffending__grouped_outcome')) }}
),

counted as (
    select
        {{ figure_key() }},
        sum(n)::bigint as n_distinct_people,
        coalesce(sum(n) filter (where people_with_event > 0), 0)::bigint as n_distinct_with_event,
        coalesce(sum(n) filter (where is_eligible), 0)::bigint as n_distinct_eligible,
        coalesce(sum(n) filter (where is_meeting_target), 0)::bigint as n_distinct_meeting,
        max(people) as most_entries,
        max(people_with_event) as most_entries_with_event,
        max(events) as most_events,
        max(baseline) as most_baseline_events
        {%- for count in counts %},
        sum(n * {{ count }}) as {{ count }}
        {%- endfor %}
    from alike
    group by {{ figure_key() }}
),

active as (  -- whoever has as many events as the second most active: what needs an order is asked of few
    select {{ figure_key() }}, min(events) as least_events
    from (
        select
            {{ figure_key() }}, events,
            coalesce(sum(sum(n)) over (
                partition by {{ figure_key() }} order by events desc nulls last rows between unbounded preceding and 1 preceding
            ), 0) as n_more_active
        from alike
        group by {{ figure_key() }}, events
    ) as by_events
    where n_more_active < 2
    group by {{ figure_key() }}
),

ranked as (
    select
        alike.*,
        sum(n) over (
            partition by {{ figure_key() }}
            order by events desc, expected desc nulls last, people_with_event desc, people desc, is_eligible, is_meeting_target, baseline
            rows unbounded preceding
        ) - n as n_more_active
    from alike
    inner join active using ({{ figure_key() }})
    where alike.events >= active.least_events
),

most_active as (
    select
        {{ figure_key() }}
        {%- for few in (1, 2) %}{% for count in counts %},
        sum(least(n, {{ few }} - n_more_active) * {{ count }}) filter (where n_more_active < {{ few }}) as {{ count }}_of_{{ few }}
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

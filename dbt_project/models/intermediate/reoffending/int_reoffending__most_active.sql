-- int_reoffending__most_active: one row per measure version, group and period or horizon, with the share of the events that few people have.
-- Ranked by their own events in the follow-up, then by what was expected of them. What is left without them shows how far one or two people move a figure.
-- Where a cohort takes people again, a person is ranked by the events of all their entries, and goes with all of them.
{% set counts = ('people', 'people_with_event', 'events', 'expected') %}
{% set spread = {'spread': 'event_count', 'spread_per_year': 'events_per_year'} %}
with entry as (
    select * from {{ ref('int_reoffending__grouped_outcome') }} where not is_excluded
),

person as (
    select
        {{ figure_key() }}, person_key,
        count(*) as people,
        count(*) filter (where event_count > 0) as people_with_event,
        sum(event_count) as events,
        sum(expected_count) as expected
    from entry
    group by {{ figure_key() }}, person_key
),

-- place by place: a sort of everybody would cost far more than finding the first twice
first as (
    select {{ figure_key() }}, max(array[events, coalesce(expected, -1), -person_key]) as rank
    from person
    group by {{ figure_key() }}
),

second as (
    select {{ figure_key() }}, max(array[person.events, coalesce(person.expected, -1), -person.person_key]) as rank
    from person
    inner join first using ({{ figure_key() }})
    where person.person_key <> (-first.rank[3])::bigint
    group by {{ figure_key() }}
),

left_out as (
    select {{ figure_key() }}, few, (-rank[3])::bigint as person_key
    from first
    cross join (values (1), (2)) as without (few)
    union all
    select {{ figure_key() }}, 2, (-rank[3])::bigint from second
),

without as (
    select
        {{ figure_key() }}, few,
        {%- for count in counts %}
        sum(person.{{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from left_out
    inner join person using ({{ figure_key() }}, person_key)
    group by {{ figure_key() }}, few
),

sort as (  -- alike entries as one, with how many they are
    select
        {{ figure_key() }}, event_count, days_at_liberty,
        -- of a few days in freedom a year cannot be told
        case when days_at_liberty >= 30 then 365.0 * event_count / days_at_liberty end as events_per_year,
        count(*) as entries
    from entry
    group by {{ figure_key() }}, event_count, days_at_liberty
),
{%- for name, value in spread.items() %}

{{ name }} as (
    select
        {{ figure_key() }},
        max(total)::bigint as entries,
        {{ percentile_of_counted('value', '0.5') }} as median,
        {{ percentile_of_counted('value', '0.9') }} as ninetieth_centile
    from (
        select
            {{ figure_key() }},
            {{ value }}::double precision as value,
            sum(entries) over (partition by {{ figure_key() }} order by {{ value }}) as up_to,
            sum(entries) over (partition by {{ figure_key() }}) as total
        from sort
        where {{ value }} is not null
    ) as counted
    group by {{ figure_key() }}
),
{%- endfor %}

total as (
    select
        {{ figure_key() }},
        {%- for count in counts %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from person
    group by {{ figure_key() }}
)

select
    {{ figure_key() }},
    total.events as member_events,
    spread.median as median_events,
    spread.ninetieth_centile as ninetieth_centile_events,
    coalesce(spread_per_year.entries, 0) as people_at_liberty,
    spread_per_year.median as median_per_year_at_liberty,
    spread_per_year.ninetieth_centile as ninetieth_centile_per_year_at_liberty,
    {%- for few in (1, 2) %}
    case when total.people > without_{{ few }}.people then total.events - without_{{ few }}.events end as events_without_{{ few }},
    total.people_with_event - without_{{ few }}.people_with_event as people_with_event_without_{{ few }},
    total.expected - coalesce(without_{{ few }}.expected, 0) as expected_without_{{ few }},
    total.people - without_{{ few }}.people as people_without_{{ few }}{{ ',' if not loop.last }}
    {%- endfor %}
from total
inner join spread using ({{ figure_key() }})
left join spread_per_year using ({{ figure_key() }})
{%- for few in (1, 2) %}
inner join without as without_{{ few }} using ({{ figure_key() }})
{%- endfor %}
where without_1.few = 1 and without_2.few = 2

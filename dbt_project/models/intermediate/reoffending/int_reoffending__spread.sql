-- int_reoffending__spread: one row per measure version, group and period or horizon, with how the events spread over the members counted.
{% set spread = {'of_events': 'event_count', 'of_events_per_year': 'events_per_year'} %}
with sort as (  -- members alike as one, with how many they are: a sort of everybody is dear
    select
        {{ figure_key() }}, event_count,
        -- of a few days in freedom a year cannot be told
        case when days_at_liberty >= 30 then 365.0 * event_count / days_at_liberty end as events_per_year,
        count(*) as members
    from {{ ref('int_reoffending__grouped_outcome') }}
    where not is_excluded
    group by {{ figure_key() }}, event_count, days_at_liberty
),
{%- for name, value in spread.items() %}

{{ name }} as (
    select
        {{ figure_key() }},
        max(total)::bigint as members,
        {{ percentile_of_counted('value', '0.5') }} as median,
        {{ percentile_of_counted('value', '0.9') }} as ninetieth_centile
    from (
        select
            {{ figure_key() }},
            {{ value }}::double precision as value,
            sum(members) over (partition by {{ figure_key() }} order by {{ value }}) as up_to,
            sum(members) over (partition by {{ figure_key() }}) as total
        from sort
        where {{ value }} is not null
    ) as counted
    group by {{ figure_key() }}
){{ ',' if not loop.last }}
{%- endfor %}

select
    {{ figure_key() }},
    of_events.median as median_events,
    of_events.ninetieth_centile as ninetieth_centile_events,
    coalesce(of_events_per_year.members, 0) as people_at_liberty,
    of_events_per_year.median as median_per_year_at_liberty,
    of_events_per_year.ninetieth_centile as ninetieth_centile_per_year_at_liberty
from of_events
left join of_events_per_year using ({{ figure_key() }})

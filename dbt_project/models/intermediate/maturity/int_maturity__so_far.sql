-- int_maturity__so_far: one row per subject of an estimate, month of events and month of delay that they will count up to, with what is known.
-- A subject is a month of events of one kind and area, or a provisional row of a measure whose follow-up is over. A measure's events are
-- expected to become known as all events of their kind do, whoever did them. Known means by the end of the last month that was over, for a
-- measure that reaches less far than its events by the end of the last one that was over there.
with triangle as (
    select distinct event_kind, most_delay, last_month, known_on from {{ ref('int_maturity__newest') }} where area_level = 'all'
),

counted as (  -- what the measure counts, once, in the month of its first event
    select
        {{ window_key('counted') }},
        counted.counted_ref,
        provisional.event_kind,
        least(triangle.last_month, (date_trunc('month', provisional.data_cut + 1) - interval '1 month')::date) as reached_month,
        time_window.known_by,
        min(date_trunc('month', counted.counted_on)::date) as event_month
    from {{ ref('int_maturity__provisional') }} as provisional
    inner join {{ ref('int_reoffending__counted') }} as counted using (measure_id, measure_version, period_number)
    inner join {{ ref('int_reoffending__events') }} as event
        on {{ same_member('event', 'counted') }} and event.event_ref = counted.event_ref
    inner join {{ ref('int_reoffending__windows') }} as time_window on {{ same_window('time_window', 'counted') }}
    inner join {{ ref('int_reoffending__outcome') }} as outcome on {{ same_window('outcome', 'counted') }} and not outcome.is_excluded
    inner join triangle on triangle.event_kind = provisional.event_kind and event.known_on <= triangle.known_on
    where provisional.group_by = 'all' and counted.role = 'follow_up'
    group by {{ window_key('counted') }}, counted.counted_ref, provisional.event_kind, reached_month, time_window.known_by
),

reached as (
    select
        counted.*,
        age.delay,
        greatest(age.delay, least(
            triangle.most_delay,
            case
                when counted.known_by < 'infinity'
                    then {{ months_between('counted.event_month', '(counted.known_by + 1)') }} - 1
            end
        )) as most_delay
    from counted
    inner join triangle using (event_kind)
    cross join lateral (
        select least(triangle.most_delay, {{ months_between('counted.event_month', 'counted.reached_month') }}) as delay
    ) as age
)

select subject, event_kind, area_level, area, event_month, n_known, delay, most_delay
from {{ ref('int_maturity__newest') }}

union all

select
    provisional.subject, reached.event_kind, 'all', 'all', reached.event_month,
    count(distinct case
        when provisional.count_unit = 'distinct_crime' then reached.counted_ref
        else concat_ws(' ', reached.person_key, reached.index_on, reached.counted_ref)
    end) as n_known,
    reached.delay,
    reached.most_delay
from reached
inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, person_key, index_on)
inner join {{ ref('int_maturity__provisional') }} as provisional
    using (measure_id, measure_version, period_number, group_by, group_value)
group by provisional.subject, reached.event_kind, reached.event_month, reached.delay, reached.most_delay

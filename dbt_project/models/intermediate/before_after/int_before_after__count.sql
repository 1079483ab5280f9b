-- int_before_after__count: one row per spell on a scheme, phase and event kind, with the events of the phase.
-- A phase is observed when it is over and the records of that kind of event reach back to its beginning. A spell is observed throughout when all three
-- of its phases are, which makes them comparable.
with counted as (
    select scheme, person_key, entered_on, phase, event_kind, sum(n_events)::bigint as n_events
    from {{ ref('int_before_after__offence') }}
    group by scheme, person_key, entered_on, phase, event_kind
),

phase as (
    select
        phase.scheme, phase.person_key, phase.entered_on, phase.district, phase.phase, began.event_kind,
        phase.days_at_liberty,
        phase.is_observed_to_the_end and phase.valid_from >= began.began_on as is_observed,
        phase.is_final,
        phase.data_cut
    from {{ ref('int_before_after__phase') }} as phase
    cross join {{ ref('int_offences__record') }} as began
    where began.event_kind in ('arrest', 'detected_crime', 'proven_offence')
)

select
    phase.*,
    bool_and(phase.is_observed) over (partition by scheme, person_key, entered_on, event_kind) as is_observed_throughout,
    coalesce(counted.n_events, 0) as n_events
from phase
left join counted using (scheme, person_key, entered_on, phase, event_kind)

-- int_before_after__count: one row per spell on a scheme, phase and event kind, with the events of the phase.
-- A phase is observed when it is over and the records of that kind of event reach back to its beginning.
with began as (
    select event_kind, min(known_on) as began_on
    from {{ ref('int_offences__event') }}
    where event_kind in ('arrest', 'detected_crime', 'proven_offence')
    group by event_kind
),

counted as (
    select phase.scheme, phase.person_key, phase.entered_on, phase.phase, event.event_kind, count(*) as n_events
    from {{ ref('int_before_after__phase') }} as phase
    inner join {{ ref('int_offences__event') }} as event
        on event.person_key = phase.person_key
        and event.event_on >= phase.valid_from
        and event.event_on < phase.valid_to
        and event.known_on <= phase.data_cut
        and not event.is_breach
    group by phase.scheme, phase.person_key, phase.entered_on, phase.phase, event.event_kind
)

select
    phase.scheme, phase.person_key, phase.entered_on, phase.district, phase.phase, began.event_kind,
    coalesce(counted.n_events, 0) as n_events,
    phase.days_at_liberty,
    phase.is_observed_to_the_end and phase.valid_from >= began.began_on as is_observed,
    phase.is_final,
    phase.data_cut
from {{ ref('int_before_after__phase') }} as phase
cross join began
left join counted using (scheme, person_key, entered_on, phase, event_kind)

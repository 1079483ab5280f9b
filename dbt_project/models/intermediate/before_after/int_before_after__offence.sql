-- int_before_after__offence: one row per spell on a scheme, phase, event kind and pair of offence code and class, with the events of the phase that
-- were known by the data cut. Breaches do not count.
select
    phase.scheme, phase.person_key, phase.entered_on, phase.phase,
    event.event_kind, event.offence_code, event.offence_class,
    count(*) as n_events
from {{ ref('int_before_after__phase') }} as phase
inner join {{ ref('int_offences__event') }} as event
    on event.person_key = phase.person_key
    and event.event_on >= phase.valid_from
    and event.event_on < phase.valid_to
    and event.known_on <= phase.data_cut
    and not event.is_breach
where event.event_kind in ('arrest', 'detected_crime', 'proven_offence')
group by phase.scheme, phase.person_key, phase.entered_on, phase.phase, event.event_kind, event.offence_code, event.offence_class

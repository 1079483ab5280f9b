-- int_selection__counted: one row per factor, set of offences and window that is asked for, and person with anything to count in it.
-- The window ends today and goes back so many months; an event lies in it by the day it became known. A court appearance is one conviction
-- however many offences were proved; breaches are no convictions. Drug tests are counted only where a rule asks, which needs a legal opinion.
-- oldest_known_on is the day on which the first of them became known, and so the first to leave the window.
{{ build_by_person('aged_people') }}
select
    asked.factor,
    asked.offence_set,
    asked.window_months,
    event.person_key,
    count(distinct event.occasion_ref) as value,
    min(event.known_on) as oldest_known_on
from {{ ref('int_selection__asked') }} as asked
inner join (
    values ('arrests', 'arrest'), ('convictions', 'court_conviction'), ('detected_crimes', 'detected_crime'), ('breaches', 'breach'),
        ('recalls', 'custody_return_recall'), ('positive_tests', 'positive_test')
) as counting (factor, event_kind) on counting.factor = asked.factor
inner join {{ ref('int_offences__event') }} as event
    on event.event_kind = counting.event_kind
    and event.known_on > {{ months_after(today(), '-asked.window_months') }}
    and event.known_on <= {{ today() }}
    and not (event.is_breach and event.event_kind = 'court_conviction')
where
    {{ has_changed_or_has_aged('event.person_key') }}
    and (
        asked.offence_set is null
        or exists (
            select from {{ ref('int_offences__offence_set') }} as listed
            where listed.offence_set = asked.offence_set
                and listed.offence_code is not distinct from event.offence_code
                and listed.offence_class is not distinct from event.offence_class
        )
    )
group by asked.factor, asked.offence_set, asked.window_months, event.person_key

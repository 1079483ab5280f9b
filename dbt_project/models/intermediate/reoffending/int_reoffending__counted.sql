-- int_reoffending__counted: one row per measure version, person, index day, period or horizon, role and event counted there.
-- The role is follow_up or baseline. is_within_same_lag marks baseline events that were known as soon after their window as the data cut
-- lies after the follow-up: the baseline as it looked when it was as young as the follow-up is now.
{{ build_by_person('unsettled_people') }}
select
    {{ window_key('time_window') }},
    'follow_up' as role,
    event.event_ref,
    event.counted_ref,
    event.counted_on,
    true as is_within_same_lag
from {{ ref('int_reoffending__windows') }} as time_window
inner join {{ ref('int_reoffending__events') }} as event
    on {{ same_member('event', 'time_window') }}
    and event.counted_on >= time_window.valid_from
    and event.counted_on < time_window.valid_to
    and event.known_on <= time_window.known_by
where {{ has_changed_or_is_unsettled('time_window.person_key') }}

union all

select
    {{ window_key('time_window') }},
    'baseline' as role,
    event.event_ref,
    event.counted_ref,
    event.counted_on,
    case
        when time_window.valid_to = 'infinity' then false
        else event.known_on - time_window.baseline_valid_to <= measure.data_cut - time_window.valid_to
    end as is_within_same_lag
from {{ ref('int_reoffending__windows') }} as time_window
inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
inner join {{ ref('int_reoffending__events') }} as event
    on {{ same_member('event', 'time_window') }}
    and event.counted_on >= time_window.baseline_valid_from
    and event.counted_on < time_window.baseline_valid_to
    and event.known_on <= time_window.baseline_known_by
where {{ has_changed_or_is_unsettled('time_window.person_key') }}

-- int_cost__event: one row per measure version, period or horizon, role, person, index day and offence counted, of everyone not excluded.
-- Measures of crime only: detected, proven or convicted. An occasion is here with each of its offences. is_counted is false where the measure
-- counts a crime of several people once and this is not the first of them.
select
    {{ window_key('counted') }},
    counted.role,
    event.event_ref,
    event.offence_code,
    event.offence_class,
    measure.count_unit <> 'distinct_crime' or row_number() over (
        partition by counted.measure_id, counted.measure_version, counted.period_number, counted.role, counted.counted_ref
        order by counted.person_key, counted.index_on, event.event_ref
    ) = 1 as is_counted
from {{ ref('int_reoffending__measure') }} as measure
inner join {{ ref('int_reoffending__counted') }} as counted using (measure_id, measure_version)
inner join {{ ref('int_reoffending__outcome') }} as outcome on {{ same_window('outcome', 'counted') }} and not outcome.is_excluded
inner join {{ ref('int_offences__event') }} as event
    on event.person_key = counted.person_key
    and event.event_kind = measure.event_kind
    and event.event_ref = counted.event_ref
where
    measure.event_kind in ({{ kinds_with_cost() }})
    and (counted.role = 'follow_up' or measure.comparison in ('pro_rata_baseline', 'same_months_prior_year'))

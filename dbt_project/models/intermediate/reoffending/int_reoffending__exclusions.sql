-- int_reoffending__exclusions: one row per measure version, member of its cohort and reason for leaving the person out of the measure.
-- A static cohort is static: who dies, moves or leaves the scheme afterwards stays in. Whoever lacks a prediction for one of a measure's follow-ups
-- of one or two years is left out of all of them, so that every row of the measure is of the same people.
{{ build_by_person() }}
with member as (
    select measure.measure_id, measure.measure_version, measure.require_baseline_event, measure.counts_police_records, measure.lacks_feed,
        measure.exclude_in_custody_beyond, measure.comparison, person.*
    from {{ ref('int_reoffending__measure') }} as measure
    inner join {{ ref('int_reoffending__cohort_member') }} as person using (cohort_id, cohort_version)
    where {{ has_changed('person.person_key') }}
),

open_booking as (  -- unknown as soon as one open booking, such as any remand without a sentence, has no date: left out, and listed for people to decide
    select
        spell.person_key,
        case when bool_and(release.left_out_until is not null) then max(release.left_out_until) end as left_out_until
    from {{ ref('stg_prison__spell') }} as spell
    left join {{ ref('int_custody__planned_release') }} as release using (booking_ref)
    where spell.released_on is null and spell.person_key is not null and {{ has_changed('spell.person_key') }}
    group by spell.person_key
),

offended as (
    select distinct event.measure_id, event.measure_version, event.person_key, event.index_on
    from {{ ref('int_reoffending__events') }} as event
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    where event.counted_on between measure.baseline_from and measure.baseline_to
        and event.known_on <= {{ known_by('measure.baseline_to + 1', 'measure.waiting_months') }}
        and {{ has_changed('event.person_key') }}
),

not_predicted as (
    select distinct time_window.measure_id, time_window.measure_version, time_window.person_key, time_window.index_on
    from {{ ref('int_reoffending__windows') }} as time_window
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    left join {{ ref('int_reoffending__predicted') }} as predicted
        on predicted.person_key = time_window.person_key
        and predicted.index_on = time_window.index_on
        and predicted.years = time_window.predicted_years
    where measure.comparison = 'expected'
        and time_window.predicted_years is not null  -- of any other length nothing is predicted for anybody
        and predicted.person_key is null
        and {{ has_changed('time_window.person_key') }}
)

select member.measure_id, member.measure_version, member.person_key, member.index_on, reason.reason
from member
left join open_booking using (person_key)
left join offended using (measure_id, measure_version, person_key, index_on)
left join not_predicted using (measure_id, measure_version, person_key, index_on)
cross join lateral (values
    ('feed_never_delivered', member.lacks_feed),
    ('no_police_record', member.counts_police_records and not member.is_known_to_police),
    ('died_before', coalesce(member.died_on < member.index_on, false)),
    ('in_custody_beyond', member.is_in_custody and coalesce(
        coalesce(member.released_on, open_booking.left_out_until) > member.exclude_in_custody_beyond, false)),
    ('release_not_known', member.is_in_custody and member.exclude_in_custody_beyond is not null
        and coalesce(member.released_on, open_booking.left_out_until) is null),
    ('no_offence_in_baseline', member.require_baseline_event and offended.person_key is null),
    ('no_predictor_score', not_predicted.person_key is not null)
) as reason (reason, applies)
where reason.applies

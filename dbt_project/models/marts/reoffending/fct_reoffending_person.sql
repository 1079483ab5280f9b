-- fct_reoffending_person: one row per measure version, person, index day and period or horizon, of the people of cohort_member.
{{ build_by_person('unsettled_people') }}
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
select
    outcome.measure_id,
    outcome.measure_version,
    outcome.cohort_id,
    outcome.cohort_version,
    outcome.person_key,
    outcome.index_on,
    outcome.period_number,
    outcome.horizon_days,
    outcome.follow_up_from,
    outcome.follow_up_before,
    member.shown_division as division,
    member.shown_district as district,
    member.sex,
    member.age_band,
    outcome.is_excluded,
    outcome.exclusion_reasons,
    outcome.event_count,
    outcome.first_event_on,
    outcome.baseline_count,
    outcome.expected_count,
    outcome.predictor,
    outcome.predictor_version,
    outcome.days_at_risk,
    outcome.days_at_liberty,
    outcome.is_complete,
    outcome.is_final,
    outcome.is_eligible,
    outcome.is_meeting_target,
    outcome.shown_has_died as has_died,
    outcome.shown_has_moved_away as has_moved_away,
    outcome.shown_is_deselected as is_deselected
from {{ ref('int_reoffending__outcome') }} as outcome
inner join {{ ref('int_reoffending__cohort_member') }} as member using (cohort_id, cohort_version, person_key, index_on)
where member.is_told and {{ has_changed_or_is_unsettled('outcome.person_key') }}

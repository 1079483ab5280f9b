-- int_reoffending__grouped_outcome: one row per measure version, person, index day, period or horizon and group that the member is counted in.
-- What became of the person, once for each of the person's groups: what sums over groups are made of, kept by person because joining
-- everybody to their groups is most of the cost of such a sum.
{{ build_by_person('unsettled_people') }}
select
    grouped.group_by,
    grouped.group_value,
    {{ window_key('outcome') }},
    outcome.is_excluded,
    outcome.event_count,
    outcome.baseline_count,
    outcome.baseline_same_lag_count,
    outcome.expected_count,
    outcome.is_officially_predicted,
    outcome.days_at_risk,
    outcome.days_at_liberty,
    outcome.is_complete,
    outcome.is_final,
    outcome.is_eligible,
    outcome.is_meeting_target,
    outcome.has_died,
    outcome.has_moved_away,
    outcome.is_deselected
from {{ ref('int_reoffending__outcome') }} as outcome
inner join {{ ref('int_reoffending__group') }} as grouped using (measure_id, measure_version, person_key, index_on)
where {{ has_changed_or_is_unsettled('outcome.person_key') }} and {{ has_changed_or_is_unsettled('grouped.person_key') }}

-- int_reoffending__time_to_event: one row per measure version and member followed from an index day, with the days to the first event.
-- The longest follow-up counts, on the clock of the measure. Whoever had no event is followed to its end, to death or to the data cut.
{{ build_by_person('unsettled_people') }}
select distinct on (outcome.measure_id, outcome.measure_version, outcome.person_key, outcome.index_on)
    outcome.measure_id,
    outcome.measure_version,
    outcome.person_key,
    outcome.index_on,
    outcome.days_at_risk as days_followed,
    outcome.event_count > 0 as is_event
from {{ ref('int_reoffending__outcome') }} as outcome
inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
where
    not measure.has_fixed_window
    and not outcome.is_excluded
    and outcome.index_on <= measure.data_cut
    and {{ has_changed_or_is_unsettled('outcome.person_key') }}
order by outcome.measure_id, outcome.measure_version, outcome.person_key, outcome.index_on, outcome.follow_up_before desc nulls first

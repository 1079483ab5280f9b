-- int_reoffending__outcome: one row per measure version, person, index day and period or horizon, with what became of the person.
{{ build_by_person('unsettled_people') }}
with excluded as (
    select measure_id, measure_version, person_key, index_on, string_agg(reason, ';' order by reason) as exclusion_reasons
    from {{ ref('int_reoffending__exclusions') }}
    where {{ has_changed_or_is_unsettled() }}
    group by measure_id, measure_version, person_key, index_on
)

select
    {{ window_key('person') }},
    person.cohort_id,
    person.cohort_version,
    person.horizon_days,
    person.valid_from as follow_up_from,
    nullif(person.valid_to, 'infinity') as follow_up_before,
    excluded.measure_id is not null as is_excluded,
    excluded.exclusion_reasons,
    person.event_count,
    person.first_event_on,
    case when measure.comparison in ('pro_rata_baseline', 'same_months_prior_year') then person.baseline_count end as baseline_count,
    case when measure.comparison in ('pro_rata_baseline', 'same_months_prior_year') then person.baseline_same_lag_count end
        as baseline_same_lag_count,
    case measure.comparison
        when 'expected' then predicted.probability
        when 'none' then null
        else person.baseline_count * person.baseline_share
    end as expected_count,
    case measure.comparison when 'expected' then predicted.is_official end as is_officially_predicted,
    case measure.comparison when 'expected' then predicted.predictor end as predictor,
    case measure.comparison when 'expected' then predicted.predictor_version end as predictor_version,
    person.days_at_risk::integer as days_at_risk,
    person.days_at_liberty::integer as days_at_liberty,
    coalesce(person.valid_to - 1 <= measure.data_cut or person.died_on <= measure.data_cut, false) as is_complete,
    person.is_final,
    case
        when measure.comparison in ('pro_rata_baseline', 'same_months_prior_year') then person.baseline_count > 0
        else person.event_count > 0 or person.valid_to - 1 <= measure.data_cut or coalesce(person.died_on <= measure.data_cut, false)
    end as is_eligible,
    case
        when measure.comparison in ('pro_rata_baseline', 'same_months_prior_year') and measure.target_pct is not null and person.baseline_count > 0
            then person.event_count <= {{ exactly('(1 - measure.target_pct / 100) * person.baseline_count * person.baseline_share') }}
    end as is_meeting_target,
    {%- for name, shown in [('counted', ''), ('shown', 'shown_')] %}
    coalesce(departure.{{ name }}_died_on < person.valid_to, false) as {{ shown }}has_died,
    coalesce(departure.{{ name }}_moved_on < person.valid_to, false) as {{ shown }}has_moved_away,
    coalesce(departure.{{ name }}_deselected_on < person.valid_to, false) as {{ shown }}is_deselected{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('int_reoffending__at_risk') }} as person
inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
left join excluded on {{ same_member('excluded', 'person') }}
left join {{ ref('int_reoffending__departure') }} as departure
    on departure.cohort_id = person.cohort_id
    and departure.cohort_version = person.cohort_version
    and departure.person_key = person.person_key
    and departure.index_on = person.index_on
left join {{ ref('int_reoffending__predicted') }} as predicted
    on predicted.person_key = person.person_key
    and predicted.index_on = person.index_on
    and predicted.years = person.predicted_years
where {{ has_changed_or_is_unsettled('person.person_key') }}

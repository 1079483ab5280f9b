-- int_reoffending__at_risk: one row per measure version, person, index day and period or horizon, with counts and days at risk.
-- From an index day, days at risk run to the first event, the horizon, death or the data cut, whichever comes first; days in custody are
-- taken off on the clock at_liberty only. In a fixed follow-up they are all its days at liberty up to death or the data cut.
-- days_at_liberty are those of the whole follow-up on any clock, whether or not there was an event, with custody taken off.
{{ build_by_person('unsettled_people') }}
with counted as (
    select
        {{ window_key('counted') }},
        count(distinct counted_ref) filter (where role = 'follow_up') as event_count,
        min(counted_on) filter (where role = 'follow_up') as first_event_on,
        count(distinct counted_ref) filter (where role = 'baseline') as baseline_count,
        count(distinct counted_ref) filter (where role = 'baseline' and is_within_same_lag) as baseline_same_lag_count
    from {{ ref('int_reoffending__counted') }} as counted
    where {{ has_changed_or_is_unsettled('counted.person_key') }}
    group by {{ window_key('counted') }}
),

stretch as (
    select
        time_window.*,
        coalesce(counted.event_count, 0) as event_count,
        coalesce(counted.baseline_count, 0) as baseline_count,
        coalesce(counted.baseline_same_lag_count, 0) as baseline_same_lag_count,
        counted.first_event_on,
        person.died_on,
        case when time_window.has_fixed_window then time_window.valid_from else time_window.index_on end as risk_from,
        case
            when time_window.has_fixed_window then least(time_window.valid_to, measure.data_cut + 1, person.died_on)
            else least(time_window.valid_to - 1, measure.data_cut, person.died_on, counted.first_event_on)
        end as risk_to,
        case
            when time_window.has_fixed_window then least(time_window.valid_to, measure.data_cut + 1, person.died_on)
            else least(time_window.valid_to - 1, measure.data_cut, person.died_on)
        end as followed_to
    from {{ ref('int_reoffending__windows') }} as time_window
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    inner join {{ ref('int_people__person') }} as person using (person_key)
    left join counted on {{ same_window('counted', 'time_window') }}
    where {{ has_changed_or_is_unsettled('time_window.person_key') }}
),

held as (
    select
        {{ window_key('stretch') }},
        sum({{ shared_days('stretch.risk_from', 'stretch.risk_to', 'spell.valid_from', "coalesce(spell.valid_to, 'infinity')") }})
            filter (where stretch.is_custody_deducted) as days_held,
        sum({{ shared_days('stretch.risk_from', 'stretch.followed_to', 'spell.valid_from', "coalesce(spell.valid_to, 'infinity')") }})
            as days_held_in_all
    from stretch
    inner join {{ ref('int_custody__spell') }} as spell
        on spell.person_key = stretch.person_key
        and spell.valid_from < stretch.followed_to
        and (spell.valid_to is null or spell.valid_to > stretch.risk_from)
    group by {{ window_key('stretch') }}
)

select
    stretch.*,
    greatest(0, stretch.risk_to - stretch.risk_from - coalesce(held.days_held, 0)) as days_at_risk,
    greatest(0, stretch.followed_to - stretch.risk_from - coalesce(held.days_held_in_all, 0)) as days_at_liberty
from stretch
left join held on {{ same_window('held', 'stretch') }}

-- int_reoffending__baseline_at_risk: one row per measure version with a baseline, person, index day and period, with its days at liberty.
-- Whoever was in prison for most of the baseline year had little time to offend in it, and a rise from there says little.
{{ build_by_person('unsettled_people') }}
with member as (
    select
        {{ window_key('time_window') }},
        time_window.baseline_valid_from as valid_from,
        least(time_window.baseline_valid_to, measure.data_cut + 1, person.died_on) as valid_to
    from {{ ref('int_reoffending__windows') }} as time_window
    inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
    inner join {{ ref('int_people__person') }} as person using (person_key)
    where
        measure.comparison in ('pro_rata_baseline', 'same_months_prior_year')
        and time_window.baseline_valid_to <> 'infinity'
        and {{ has_changed_or_is_unsettled('time_window.person_key') }}
),

held as (
    select
        {{ window_key('member') }},
        sum({{ shared_days('member.valid_from', 'member.valid_to', 'spell.valid_from', "coalesce(spell.valid_to, 'infinity')") }}) as days_held
    from member
    inner join {{ ref('int_custody__spell') }} as spell
        on spell.person_key = member.person_key
        and spell.valid_from < member.valid_to
        and (spell.valid_to is null or spell.valid_to > member.valid_from)
    group by {{ window_key('member') }}
)

select
    {{ window_key('member') }},
    greatest(0, member.valid_to - member.valid_from - coalesce(held.days_held, 0))::integer as days_at_risk
from member
left join held on {{ same_window('held', 'member') }}

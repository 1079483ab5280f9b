-- int_reoffending__baseline_at_risk: one row per measure version, group and period or horizon with a baseline, with the baseline's days at liberty.
-- Whoever was in prison for most of the baseline year had little time to offend in it, and a rise from there says little.
with member as (
    select
        {{ window_key('time_window') }},
        time_window.baseline_valid_from as valid_from,
        least(time_window.baseline_valid_to, time_window.data_cut + 1, person.died_on) as valid_to
    from {{ ref('int_reoffending__windows') }} as time_window
    inner join {{ ref('int_people__person') }} as person using (person_key)
    where time_window.baseline_valid_from is not null and time_window.baseline_valid_to <> 'infinity'
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
    member.measure_id,
    member.measure_version,
    member.period_number,
    grouped.group_by,
    grouped.group_value,
    sum(greatest(0, member.valid_to - member.valid_from - coalesce(held.days_held, 0))) as days_at_risk
from member
inner join {{ ref('int_reoffending__outcome') }} as outcome on {{ same_window('outcome', 'member') }} and not outcome.is_excluded
inner join {{ ref('int_reoffending__group') }} as grouped on {{ same_member('grouped', 'member') }}
left join held on {{ same_window('held', 'member') }}
group by member.measure_id, member.measure_version, member.period_number, grouped.group_by, grouped.group_value

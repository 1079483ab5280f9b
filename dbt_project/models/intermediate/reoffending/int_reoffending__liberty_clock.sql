-- int_reoffending__liberty_clock: one row per person, index day and length of follow-up, for follow-ups that run only while the person is free.
-- last_on is the day on which so many free days are used up: every stay in custody that begins before that day puts it off by its length.
-- It is infinity while the stay that it waits for has not ended.
{{ build_by_person() }}
with wanted as (
    select distinct
        member.person_key,
        member.index_on,
        coalesce(period.horizon_days, {{ months_after('member.index_on', 'period.horizon_months') }} - member.index_on) as free_days
    from {{ ref('int_reoffending__period') }} as period
    inner join {{ ref('int_reoffending__cohort_member') }} as member using (cohort_id, cohort_version)
    where period.clock = 'at_liberty' and not period.has_fixed_window and {{ has_changed('member.person_key') }}
),

held as (
    select
        person.person_key,
        person.index_on,
        greatest(spell.valid_from, person.index_on) as held_from,
        spell.valid_to as held_to
    from (select distinct person_key, index_on from wanted) as person
    inner join {{ ref('int_custody__spell') }} as spell
        on spell.person_key = person.person_key and (spell.valid_to is null or spell.valid_to > person.index_on)
),

stay as (
    select
        person_key,
        index_on,
        held_to is null as is_open,
        held_to - held_from as held_days,
        held_from - index_on - coalesce(sum(held_to - held_from) over (
            partition by person_key, index_on order by held_from rows between unbounded preceding and 1 preceding
        ), 0) as free_days_before
    from held
)

select
    wanted.person_key,
    wanted.index_on,
    wanted.free_days,
    case
        when coalesce(bool_or(stay.is_open), false) then 'infinity'
        else wanted.index_on + wanted.free_days + coalesce(sum(stay.held_days), 0)::integer
    end as last_on
from wanted
left join stay
    on stay.person_key = wanted.person_key and stay.index_on = wanted.index_on and stay.free_days_before < wanted.free_days
group by wanted.person_key, wanted.index_on, wanted.free_days

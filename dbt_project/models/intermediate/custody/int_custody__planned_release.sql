-- int_custody__planned_release: one row per booking still open that has a day on which it is to end: the expected release date, else the conditional
-- one, as whoever prepares for the release goes by what the prison is planning for. The one exception stands beside: who is left out of a cohort for
-- being in custody beyond a day is asked by the conditional date first, as the published method of that measure does, and of a remand without a
-- sentence has none: the court decides when it ends, whatever the prison plans for.
-- A booking without either date, such as a remand, has no row: nobody knows.
{{ build_by_person() }}
with dates as (
    select
        spell.person_key,
        spell.booking_ref,
        coalesce(spell.custody_type = 'remand' and num_nonnulls(spell.sentenced_on, spell.sentence_days) = 0, false) as is_unsentenced,
        {{ planned_day() }} as planned_on,
        {{ release_day('expected') }} as expected_on,
        {{ release_day('conditional') }} as conditional_on
    from {{ ref('stg_prison__spell') }} as spell
    inner join {{ ref('stg_prison__release_date') }} as release_date using (booking_ref)
    where spell.person_key is not null and spell.released_on is null and {{ has_changed('spell.person_key') }}
    group by spell.person_key, spell.booking_ref, is_unsentenced
)

select
    person_key,
    booking_ref,
    planned_on,
    case when not is_unsentenced then coalesce(conditional_on, expected_on) end as left_out_until
from dates
where planned_on is not null

-- int_before_after__phase: one row per spell on a scheme and phase: the twelve months before it, itself, and the twelve months after it.
-- Half-open; the day of leaving is the first of the phase after. Nobody is at risk from the day of death. days_at_liberty are the days of the
-- phase up to the data cut that were not in custody. Of whom the police do not know, nobody knows what they did: their phases are not observed.
with phase as (
    select spell.*, phase.phase, phase.valid_from, phase.valid_to
    from {{ ref('int_before_after__spell') }} as spell
    cross join lateral (values
        ('before', {{ months_after('spell.entered_on', '-12') }}, spell.entered_on),
        ('during', spell.entered_on, spell.left_on),
        ('after', spell.left_on, {{ months_after('spell.left_on', '12') }})
    ) as phase (phase, valid_from, valid_to)
),

stretch as (
    select
        phase.*,
        delivered.data_cut,
        coalesce(phase.valid_to - 1 <= delivered.data_cut, false) as is_over,
        coalesce({{ is_matured('phase.valid_to', months_until_final(), 'delivered.data_cut') }}, false) as is_final,
        person.died_on <= phase.valid_from as is_dead,
        person.is_known_to_police,
        greatest(phase.valid_from, least(phase.valid_to, person.died_on, delivered.data_cut + 1)) as risk_to
    from phase
    cross join (select {{ data_cut('police') }} as data_cut) as delivered
    inner join {{ ref('int_people__person') }} as person using (person_key)
)

select
    stretch.scheme, stretch.person_key, stretch.entered_on, stretch.district, stretch.phase,
    stretch.valid_from, stretch.risk_to as valid_to,
    stretch.is_over and stretch.is_dead is not true and stretch.is_known_to_police as is_observed_to_the_end,
    stretch.is_final,
    stretch.data_cut,
    stretch.risk_to - stretch.valid_from - coalesce(sum({{ shared_days(
        'stretch.valid_from', 'stretch.risk_to', 'custody.valid_from', "coalesce(custody.valid_to, 'infinity')") }}) filter (where custody.person_key is not null), 0)
        as days_at_liberty
from stretch
left join {{ ref('int_custody__spell') }} as custody
    on custody.person_key = stretch.person_key
    and custody.valid_from < stretch.risk_to
    and (custody.valid_to is null or custody.valid_to > stretch.valid_from)
group by
    stretch.scheme, stretch.person_key, stretch.entered_on, stretch.district, stretch.phase,
    stretch.valid_from, stretch.risk_to, stretch.is_over, stretch.is_dead, stretch.is_known_to_police, stretch.is_final, stretch.data_cut

-- before_during_after: one row per scheme, district of entry (and all), event kind, phase and basis.
-- On the basis `phase` whoever was observed throughout the phase counts; on the basis `all_phases` only who was throughout all three, so that
-- the three rows are about the same people.
with person as (
    select
        spell.scheme, place.area_level, place.area, spell.event_kind, spell.phase, basis.basis, spell.person_key,
        count(*) filter (where basis.is_in) as n_spells,
        count(*) filter (where not basis.is_in) as n_spells_not_observed,
        coalesce(sum(spell.n_events) filter (where basis.is_in), 0) as n_events,
        coalesce(sum(spell.days_at_liberty) filter (where basis.is_in), 0) as days_at_liberty,
        bool_and(spell.is_final) filter (where basis.is_in) as is_final,
        max(spell.data_cut) as data_cut
    from {{ ref('int_before_after__count') }} as spell
    {{ places_and_bases('spell') }}
    group by spell.scheme, place.area_level, place.area, spell.event_kind, spell.phase, basis.basis, spell.person_key
),

counted as (
    select
        scheme, area_level, area, event_kind, phase, basis,
        sum(n_spells)::bigint as n_spells,
        sum(n_spells_not_observed)::bigint as n_spells_not_observed,
        count(*) filter (where n_spells > 0) as n_people,
        count(*) filter (where n_spells_not_observed > 0) as n_people_not_observed,
        count(*) filter (where n_events > 0) as n_people_with_event,
        max(n_events)::bigint as most_events,
        sum(n_events)::bigint as n_events,
        sum(days_at_liberty)::bigint as days_at_liberty,
        bool_and(is_final) as is_final,
        max(data_cut) as data_cut
    from person
    group by scheme, area_level, area, event_kind, phase, basis
)

select
    counted.scheme, counted.area_level, counted.area, counted.event_kind, counted.phase, counted.basis,
    counted.n_people, counted.n_spells, counted.n_spells_not_observed, counted.n_people_not_observed,
    counted.n_people_with_event, counted.n_events, counted.most_events, counted.days_at_liberty,
    365.0 * counted.n_events / nullif(counted.days_at_liberty, 0) as rate,
    365 * plausible.low / nullif(counted.days_at_liberty, 0) as ci_low,
    365 * plausible.high / nullif(counted.days_at_liberty, 0) as ci_high,
    case when counted.is_final then 'final' else 'provisional' end as status,
    'Not an effect of the scheme: people are chosen when they offend most, so fewer offences later are to be expected (regression to the mean).'
        as warning,
    counted.data_cut
from counted
cross join lateral statistics.count_interval(counted.n_events) as plausible

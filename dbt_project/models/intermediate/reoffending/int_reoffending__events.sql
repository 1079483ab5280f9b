-- int_reoffending__events: one row per measure version, person, index day and event that the measure counts in its follow-up or its baseline.
-- counted_on is the day that the measure dates the event by; counted_ref is what it counts: the offence, its occasion, or the crime.
-- Which of the measure's windows an event falls into is decided where they are counted: a later horizon holds the earlier ones.
{{ build_by_person() }}
with reach as (
    select
        measure_id,
        measure_version,
        person_key,
        index_on,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        min(baseline_valid_from) as baseline_valid_from,
        max(baseline_valid_to) as baseline_valid_to
    from {{ ref('int_reoffending__windows') }}
    where {{ has_changed() }}
    group by measure_id, measure_version, person_key, index_on
)

select
    reach.measure_id,
    reach.measure_version,
    reach.person_key,
    reach.index_on,
    event.event_ref,
    case measure.count_unit
        when 'occasion' then event.occasion_ref
        when 'distinct_crime' then coalesce(event.crime_ref, event.event_kind || ' ' || event.event_ref)
        else event.event_ref
    end as counted_ref,
    dated.counted_on,
    event.known_on
from reach
inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
inner join {{ ref('int_offences__event') }} as event
    on event.person_key = reach.person_key
    and event.event_kind = measure.event_kind
    and event.known_on <= measure.data_cut
    and not (measure.exclude_breach and event.is_breach)
cross join lateral (select case measure.date_basis when 'known' then event.known_on else event.event_on end as counted_on) as dated
left join {{ ref('int_offences__offence_set') }} as wanted
    on wanted.offence_set = measure.offence_set
    and coalesce(wanted.offence_code, '') = coalesce(event.offence_code, '')
    and coalesce(wanted.offence_class, '') = coalesce(event.offence_class, '')
where
    (measure.offence_set is null or wanted.offence_set is not null)
    and (
        (dated.counted_on >= reach.valid_from and dated.counted_on < reach.valid_to)
        or (dated.counted_on >= reach.baseline_valid_from and dated.counted_on < reach.baseline_valid_to)
        or (dated.counted_on between measure.baseline_from and measure.baseline_to)
    )

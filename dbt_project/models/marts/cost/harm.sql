-- harm: one row per measure version, period or horizon and role, with the weight of what was done beside the number.
with weighed as (
    select event.*, weight.weight, {{ confidence('weight.source') }} as confidence
    from {{ ref('int_cost__event') }} as event
    left join {{ ref('stg_reference__severity_weights') }} as weight using (offence_code)
),

missing as (
    select measure_id, measure_version, period_number, role, string_agg(code || '=' || n_events, '; ' order by code) as offences_without_weight
    from (
        select measure_id, measure_version, period_number, role, coalesce(offence_code, offence_class, 'unknown') as code, count(*) as n_events
        from weighed
        where weight is null and is_counted
        group by measure_id, measure_version, period_number, role, code
    ) as of_code
    group by measure_id, measure_version, period_number, role
),

most as (
    select measure_id, measure_version, period_number, role, max(harm) as harm
    from (
        select measure_id, measure_version, period_number, role, person_key, sum(weight) as harm
        from weighed
        group by measure_id, measure_version, period_number, role, person_key
    ) as of_person
    group by measure_id, measure_version, period_number, role
),

summed as (
    select
        measure_id, measure_version, period_number, role,
        count(*) filter (where is_counted) as n_events,
        count(*) filter (where is_counted and weight is not null) as n_events_weighed,
        sum(weight) filter (where is_counted) as harm,
        {{ least_confidence('case when weight is not null then confidence end') }} as confidence
    from weighed
    group by measure_id, measure_version, period_number, role
)

select
    summed.measure_id, summed.measure_version, summed.period_number, summed.role,
    counts.n_people,
    summed.n_events, summed.n_events_weighed, missing.offences_without_weight,
    summed.harm,
    summed.harm / nullif(counts.n_people, 0) as harm_per_person,
    most.harm as harm_of_one_person,
    most.harm / nullif(summed.harm, 0) as share_of_one_person,
    summed.confidence,
    measure.data_cut
from summed
inner join {{ ref('int_reoffending__measure') }} as measure using (measure_id, measure_version)
left join missing using (measure_id, measure_version, period_number, role)
left join most using (measure_id, measure_version, period_number, role)
inner join {{ ref('int_reoffending__counts') }} as counts
    on counts.measure_id = summed.measure_id
    and counts.measure_version = summed.measure_version
    and counts.period_number = summed.period_number
    and counts.group_by = 'all'

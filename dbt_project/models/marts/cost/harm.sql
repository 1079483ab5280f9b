-- harm: one row per measure version, period or horizon and role, with the weight of what was done beside the number: nought where nothing was.
with weighed as (
    select event.*, weight.weight, weight.source, weight.effective_from, {{ confidence('weight.source') }} as confidence
    from {{ ref('int_cost__event') }} as event
    left join {{ ref('stg_reference__severity_weights') }} as weight using (offence_code)
),

missing as (
    select measure_id, measure_version, period_number, role, string_agg(code || '=' || n_events, '; ' order by code) as offences_without_weight
    from (
        select measure_id, measure_version, period_number, role, {{ offence_or_class('weighed') }} as code, count(*) as n_events
        from weighed
        where weight is null and is_counted
        group by measure_id, measure_version, period_number, role, code
    ) as of_code
    group by measure_id, measure_version, period_number, role
),

most as (
    select
        measure_id, measure_version, period_number, role,
        max(harm) as harm,
        max(n_events) as most_events,
        count(*) filter (where n_events_weighed > 0) as n_people_weighed,
        max(n_events_weighed) as most_events_weighed,
        count(*) filter (where n_events_without_weight > 0) as n_people_without_weight,
        max(n_events_without_weight) as most_events_without_weight
    from (
        select
            measure_id, measure_version, period_number, role, person_key,
            sum(weight) as harm,
            count(*) as n_events,
            count(weight) as n_events_weighed,
            count(*) - count(weight) as n_events_without_weight
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
        {{ least_confidence('case when weight is not null then confidence end') }} as confidence,
        string_agg(distinct source, '; ' order by source) as source,
        max(effective_from) as weight_version
    from weighed
    group by measure_id, measure_version, period_number, role
)

select
    figure.measure_id, figure.measure_version, figure.period_number, figure.role, figure.period_end, figure.horizon_days,
    figure.n_people,
    coalesce(summed.n_events, 0) as n_events,
    coalesce(summed.n_events_weighed, 0) as n_events_weighed,
    missing.offences_without_weight,
    coalesce(most.most_events, 0) as most_events,
    coalesce(most.n_people_weighed, 0) as n_people_weighed,
    coalesce(most.most_events_weighed, 0) as most_events_weighed,
    coalesce(most.n_people_without_weight, 0) as n_people_without_weight,
    coalesce(most.most_events_without_weight, 0) as most_events_without_weight,
    total.harm,
    total.harm / nullif(figure.n_people, 0) as harm_per_person,
    figure.days_at_liberty,
    total.harm_of_one_person,
    total.harm_of_one_person / nullif(total.harm, 0) as share_of_one_person,
    summed.weight_version, summed.confidence, summed.source,
    figure.status,
    figure.data_cut
from {{ ref('int_cost__figure') }} as figure
left join summed using (measure_id, measure_version, period_number, role)
left join missing using (measure_id, measure_version, period_number, role)
left join most using (measure_id, measure_version, period_number, role)
cross join lateral (
    select
        case when summed.n_events > 0 then summed.harm else 0 end as harm,
        case when summed.n_events > 0 then most.harm else 0 end as harm_of_one_person
) as total

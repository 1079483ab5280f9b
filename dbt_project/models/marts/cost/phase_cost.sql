-- phase_cost: one row per scheme, district of entry (and all), kind of crime, phase and basis, with what the crimes of the phase cost.
-- Whom and what it counts is what before_during_after does. Offences are counted by person and costed set first, and money comes last.
with offence as (
    select
        offence.scheme, offence.person_key, offence.entered_on, offence.phase, offence.event_kind,
        cost.offence_set,
        case when cost.offence_set is null then {{ offence_or_class('offence') }} end as offence_without_cost,
        sum(offence.n_events) as n_events
    from {{ ref('int_before_after__offence') }} as offence
    left join {{ ref('int_cost__offence_cost') }} as cost on {{ same_offence('cost', 'offence') }}
    where offence.event_kind in ({{ kinds_with_cost() }})
    group by
        offence.scheme, offence.person_key, offence.entered_on, offence.phase, offence.event_kind, cost.offence_set, offence_without_cost
),

of_person as (
    select
        offence.scheme, place.area_level, place.area, offence.event_kind, offence.phase, basis.basis, offence.person_key,
        offence.offence_set, offence.offence_without_cost, sum(offence.n_events) as n_events
    from offence
    inner join {{ ref('int_before_after__count') }} as spell using (scheme, person_key, entered_on, phase, event_kind)
    {{ places_and_bases('spell') }}
    where basis.is_in
    group by
        offence.scheme, place.area_level, place.area, offence.event_kind, offence.phase, basis.basis, offence.person_key,
        offence.offence_set, offence.offence_without_cost
),

of_offence as (
    select
        scheme, area_level, area, event_kind, phase, basis, offence_set, offence_without_cost, sum(n_events)::bigint as n_events
    from of_person
    group by scheme, area_level, area, event_kind, phase, basis, offence_set, offence_without_cost
),

summed as (
    select
        counted.scheme, counted.area_level, counted.area, counted.event_kind, counted.phase, counted.basis,
        coalesce(sum(counted.n_events) filter (where unit.offence_set is not null), 0)::bigint as n_events_costed,
        coalesce(sum(counted.n_events) filter (where unit.offence_set is null), 0)::bigint as n_events_without_cost,
        string_agg(counted.offence_without_cost || '=' || counted.n_events, '; ' order by counted.offence_without_cost) as offences_without_cost,
        {%- for estimate in ['low', 'central', 'high'] %}
        case when bool_and(unit.offence_set is null or unit.{{ estimate }} is not null) then sum(counted.n_events * unit.{{ estimate }}) end
            as cost_{{ estimate }},
        {%- endfor %}
        min(unit.price_year) as price_year,
        min(unit.price_year) <> max(unit.price_year) as has_price_years,
        max(unit.effective_from) as unit_cost_version,
        {{ least_confidence('unit.confidence') }} as confidence,
        string_agg(distinct unit.source, '; ' order by unit.source) as source
    from of_offence as counted
    left join {{ ref('int_cost__unit_cost') }} as unit on unit.offence_set = counted.offence_set
    group by counted.scheme, counted.area_level, counted.area, counted.event_kind, counted.phase, counted.basis
),

most as (
    select
        scheme, area_level, area, event_kind, phase, basis,
        count(*) filter (where n_events_costed > 0) as n_people_with_cost,
        coalesce(max(n_events_costed), 0) as most_events_with_cost,
        count(*) filter (where n_events_without_cost > 0) as n_people_without_cost,
        coalesce(max(n_events_without_cost), 0) as most_events_without_cost,
        max(cost) as cost_of_one_person
    from (
        select
            counted.scheme, counted.area_level, counted.area, counted.event_kind, counted.phase, counted.basis, counted.person_key,
            (sum(counted.n_events) filter (where unit.offence_set is not null))::bigint as n_events_costed,
            (sum(counted.n_events) filter (where unit.offence_set is null))::bigint as n_events_without_cost,
            sum(counted.n_events * unit.central) as cost
        from of_person as counted
        left join {{ ref('int_cost__unit_cost') }} as unit on unit.offence_set = counted.offence_set
        group by
            counted.scheme, counted.area_level, counted.area, counted.event_kind, counted.phase, counted.basis, counted.person_key
    ) as person
    group by scheme, area_level, area, event_kind, phase, basis
)

select
    figure.scheme, figure.area_level, figure.area, figure.event_kind, figure.phase, figure.basis,
    figure.n_people, figure.n_people_not_observed, figure.n_people_with_event, figure.n_events, figure.most_events,
    coalesce(summed.n_events_costed, 0) as n_events_costed,
    coalesce(summed.n_events_without_cost, 0) as n_events_without_cost,
    summed.offences_without_cost,
    coalesce(most.n_people_with_cost, 0) as n_people_with_cost,
    coalesce(most.most_events_with_cost, 0) as most_events_with_cost,
    coalesce(most.n_people_without_cost, 0) as n_people_without_cost,
    coalesce(most.most_events_without_cost, 0) as most_events_without_cost,
    figure.days_at_liberty,
    {%- for estimate in ['low', 'central', 'high'] %}
    total.cost_{{ estimate }},
    total.cost_{{ estimate }} / nullif(figure.n_people, 0) as cost_per_person_{{ estimate }},
    365.0 * total.cost_{{ estimate }} / nullif(figure.days_at_liberty, 0) as cost_per_person_year_{{ estimate }},
    {%- endfor %}
    total.cost_of_one_person,
    total.cost_of_one_person / nullif(total.cost_central, 0) as share_of_one_person,
    summed.price_year, summed.unit_cost_version, summed.confidence, summed.source,
    nullif(concat_ws('; ',
        case when figure.n_people = 0 then 'no_people' end,
        case when figure.n_events > 0 and total.cost_central is null then 'no_central_unit_cost' end,
        case when summed.has_price_years then 'price_years_differ' end
    ), '') as findings,
    figure.status,
    figure.warning,
    figure.data_cut
from {{ ref('before_during_after') }} as figure
left join summed using (scheme, area_level, area, event_kind, phase, basis)
left join most using (scheme, area_level, area, event_kind, phase, basis)
cross join lateral (
    select
        {%- for estimate in ['low', 'central', 'high'] %}
        case when figure.n_people > 0 then case when figure.n_events > 0 then summed.cost_{{ estimate }} else 0 end end as cost_{{ estimate }},
        {%- endfor %}
        case when figure.n_people > 0 then case when figure.n_events > 0 then most.cost_of_one_person else 0 end end as cost_of_one_person
) as total
where figure.event_kind in ({{ kinds_with_cost() }})

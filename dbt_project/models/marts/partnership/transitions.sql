-- transitions: one row per person who turns 18 within six months and is on a scheme or has an open order, or who is 18 and still on DYO.
-- PPO and IOM are the schemes for adults: MAPPA and DIP are for either.
{{ config(post_hook="{{ limit_to_own_areas(for_casework=true) }}") }}
{% set months_ahead = 6 %}
with court as (
    select person_key, count(*) as open_order_count, string_agg(distinct order_type, ';' order by order_type) as order_types
    from {{ ref('stg_probation__order') }}
    where starts_on <= {{ today() }} and (ended_on is null or ended_on > {{ today() }})
    group by person_key
),

young as (
    select
        person.person_key, person.sex, place.district, place.division, place.schemes, court.open_order_count, court.order_types, today.age,
        case when today.age < 18 then (  -- asked of the few who are young
            select min(ahead) from generate_series(1, {{ months_ahead }}) as ahead
            where {{ age_on(months_after(today(), 'ahead'), 'person.born_on') }} >= 18
        ) end as within_months
    from {{ ref('int_people__person') }} as person
    inner join {{ ref('int_partnership__place') }} as place using (person_key)
    left join court using (person_key)
    cross join lateral (select {{ age_on(today(), 'person.born_on') }} as age) as today
    where person.died_on is null and (place.schemes is not null or court.person_key is not null)
),

need as (
    select person_key, count(*) as open_need_count, string_agg(pathway::text, ';' order by pathway) as open_pathways
    from {{ ref('int_partnership__open_need') }}
    group by person_key
)

select
    young.person_key,
    young.district,
    young.division,
    young.sex,
    case when young.age < 18 then 'turning_18' else 'past_18' end as stage,
    young.within_months,
    young.schemes,
    coalesce(string_to_array(young.schemes, ';') && array['PPO', 'IOM'], false) as is_on_adult_scheme,
    coalesce(young.open_order_count, 0) as open_order_count,
    young.order_types,
    coalesce(status.status, 'NON_STATUTORY') as statutory_status,
    coalesce(need.open_need_count, 0) as open_need_count,
    need.open_pathways,
    reach.data_cut
from young
cross join {{ reach_of(['hub'], beside=['probation']) }} as reach
left join need on need.person_key = young.person_key
left join {{ ref('int_supervision__statutory_status') }} as status on status.person_key = young.person_key and {{ is_open_on('status', today()) }}
where young.within_months is not null or (young.age >= 18 and 'DYO' = any(string_to_array(young.schemes, ';')))

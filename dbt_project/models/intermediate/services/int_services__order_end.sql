-- int_services__order_end: one row per person and order or licence that ended, with the person's place, sex and age then and whether
-- the partnership managed the person on that day.
-- An order that ended by death has no outcome, and one that ended before it began is no order. A person's first in a quarter is marked, of all and
-- of its kind, and the same among the orders of one age and among those of people managed or not: somebody whose orders end on either side of a
-- birthday, or of joining a scheme, is one person of each group.
{{ build_by_person() }}
{% set among = {'': '', '_in_age_band': ', age_band', '_in_managed': ', is_managed'} %}
with ended as (
    select
        orders.person_key,
        orders.order_ref,
        coalesce(orders.order_type, 'unknown') as order_type,
        orders.ended_on,
        orders.settled_at_end,
        orders.employed_at_end,
        person.district,
        person.sex,
        {{ age_band(age_on('orders.ended_on', 'person.born_on')) }} as age_band,
        managed.person_key is not null as is_managed
    from {{ ref('stg_probation__order') }} as orders
    inner join {{ ref('int_people__person') }} as person using (person_key)
    left join {{ ref('int_caseload__spell') }} as managed
        on managed.person_key = orders.person_key
        and managed.scheme = 'any'
        and managed.area_level = 'all'
        and {{ is_open_on('managed', 'orders.ended_on') }}
    where
        orders.ended_on is not null
        and orders.end_reason is distinct from 'died'
        and (orders.starts_on <= orders.ended_on or orders.starts_on is null)
        and {{ has_changed('person.person_key') }}
)

select
    *,
    {%- for group, by_group in among.items() %}
    row_number() over (partition by person_key, date_trunc('quarter', ended_on){{ by_group }} order by ended_on, order_ref) = 1 as is_first{{ group }},
    row_number() over (partition by person_key, date_trunc('quarter', ended_on){{ by_group }}, order_type order by ended_on, order_ref) = 1
        as is_first_of_type{{ group }}{{ ',' if not loop.last }}
    {%- endfor %}
from ended

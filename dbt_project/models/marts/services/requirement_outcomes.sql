-- requirement_outcomes: one row per quarter in which requirements of orders began, kind of requirement, area and group of people, with what became of
-- them by the business date. A requirement without a first day, or that ends before it begins, is left out.
with begun as (
    select
        orders.person_key,
        coalesce(requirement.requirement, 'unknown') as requirement,
        requirement.starts_on,
        case
            when requirement.outcome is not null then requirement.outcome
            when requirement.ends_on <= {{ today() }} then 'unknown'
            else 'open'
        end as outcome,
        person.district,
        person.sex
    from {{ ref('stg_probation__requirement') }} as requirement
    inner join {{ ref('stg_probation__order') }} as orders using (order_ref)
    inner join {{ ref('int_people__person') }} as person on person.person_key = orders.person_key
    where requirement.starts_on <= {{ today() }} and (requirement.ends_on >= requirement.starts_on or requirement.ends_on is null)
),

counted as (
    select
        period.period_start, period.period_end, period.last_day, kind.requirement,
        split.area_level, split.area, split.group_by, split.group_value,
        count(*) as n_started,
        count(distinct begun.person_key) as n_people,
        {%- for outcome in ('completed', 'breached', 'revoked', 'open', 'unknown') %}
        count(*) filter (where begun.outcome = '{{ outcome }}') as n_{{ outcome }}{{ ',' if not loop.last }}
        {%- endfor %}
    from begun
    {{ in_period('begun.starts_on') }}
    cross join lateral (values ('all'), (begun.requirement)) as kind (requirement)
    {{ counted_in([['district', 'begun.district']], [['sex', 'begun.sex']]) }}
    group by
        period.period_start, period.period_end, period.last_day, kind.requirement,
        split.area_level, split.area, split.group_by, split.group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.requirement,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_started,
    counted.n_people,
    counted.n_completed,
    counted.n_breached,
    counted.n_revoked,
    counted.n_open,
    counted.n_unknown,
    counted.n_completed::numeric / nullif(counted.n_completed + counted.n_breached + counted.n_revoked, 0) as completion,
    wilson.low as ci_low,
    wilson.high as ci_high,
    case when counted.last_day <= reach.data_cut and counted.n_open = 0 then 'final' else 'provisional' end as status,
    reach.data_cut
from counted
cross join {{ reach_of(['probation']) }} as reach
cross join lateral statistics.wilson_interval(
    counted.n_completed, counted.n_completed + counted.n_breached + counted.n_revoked
) as wilson

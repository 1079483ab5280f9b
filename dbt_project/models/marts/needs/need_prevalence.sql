-- need_prevalence: one row per month end (and the business date), scheme, area, group of people, instrument and pathway that it asks about.
-- A share is of the people assessed; those who were not stand beside it and are never taken for people without the need.
with counted as (
    select
        tally.as_on, tally.scheme, tally.area_level, tally.area, tally.group_by, tally.group_value, tally.n_people,
        asked.instrument, asked.pathway, asked.n_assessed,
        case when asked.instrument = 'hub' or section.has_threshold then asked.n_with_need end as n_with_need
    from {{ ref('int_needs__tally') }} as tally
    cross join lateral (
        values
        {%- for asked in needs_asked() %}
        ('{{ asked.instrument }}', {{ asked.pathway }}, tally.n_assessed_{{ asked.name }}, tally.n_with_need_{{ asked.name }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as asked (instrument, pathway, n_assessed, n_with_need)
    left join (
        select pathway, bool_and(need_from is not null) as has_threshold
        from {{ ref('int_needs__oasys_section') }}
        group by pathway
    ) as section on section.pathway = asked.pathway
),

proportion as (
    {{ wilson_intervals('counted', 'n_with_need', 'n_assessed') }}
),

delivered as (
    select max(business_date) as business_date
    from {{ source('audit', 'build_vintage') }}
    where build_id = {{ var('build_id') | int }} and feed = 'probation'
),

period as (
    select period.period_end, period.is_complete, reach.instrument, reach.data_cut
    from {{ ref('int_caseload__period') }} as period
    cross join delivered
    cross join lateral (
        values
        ('hub', period.data_cut),
        ('oasys', case when delivered.business_date is not null then least(period.data_cut, delivered.business_date) end)
    ) as reach (instrument, data_cut)
    where period.period_kind = 'month'
)

select
    counted.as_on,
    counted.scheme,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.instrument,
    counted.pathway,
    counted.n_people,
    counted.n_assessed,
    counted.n_people - counted.n_assessed as n_not_assessed,
    counted.n_with_need,
    counted.n_with_need::numeric / nullif(counted.n_assessed, 0) as share,
    proportion.low as ci_low,
    proportion.high as ci_high,
    coalesce(period.is_complete and counted.as_on <= period.data_cut, false) as is_complete,
    period.data_cut
from counted
inner join period on period.period_end = counted.as_on and period.instrument = counted.instrument
left join proportion using (n_with_need, n_assessed)

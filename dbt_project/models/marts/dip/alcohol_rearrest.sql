-- alcohol_rearrest: one row per quarter of a positive screening, brief intervention (given, not_given, not_known, all), months followed, area and group.
-- The two are not a comparison of what the intervention did: who is given one was chosen.
with counted as (
    select
        period.period_start, period.period_end, period.last_day, given.brief_intervention, screening.horizon_months,
        split.area_level, split.area, split.group_by, split.group_value,
        count(*) as n_positive,
        count(distinct {{ person_or('client_ref', 'screening') }}) as n_clients,
        count(*) filter (where not may_be_followed) as n_not_followed,
        count(*) filter (where may_be_followed and not is_matured) as n_not_matured,
        count(*) filter (where may_be_followed and is_matured) as n_followed,
        count(*) filter (where may_be_followed and is_matured and is_rearrested) as n_rearrested
    from {{ ref('int_dip__alcohol') }} as screening
    {{ in_period('screening.screened_on') }}
    cross join lateral (
        values
        ('all'),
        (case when screening.is_brief_intervention then 'given' when not screening.is_brief_intervention then 'not_given' else 'not_known' end)
    ) as given (brief_intervention)
    {{ counted_in([['area', 'screening.local_authority']], [['sex', 'screening.sex']]) }}
    where screening.is_positive
    group by
        period.period_start, period.period_end, period.last_day, given.brief_intervention, screening.horizon_months,
        split.area_level, split.area, split.group_by, split.group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.brief_intervention,
    counted.horizon_months,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_positive,
    counted.n_clients,
    counted.n_not_followed,
    counted.n_not_matured,
    counted.n_followed,
    counted.n_rearrested,
    counted.n_rearrested::numeric / nullif(counted.n_followed, 0) as share_rearrested,
    wilson.low as ci_low,
    wilson.high as ci_high,
    'not_an_effect' as caution,
    case
        when {{ months_after('counted.last_day', 'counted.horizon_months') }} <= reach.data_cut then 'final' else 'provisional'
    end as status,
    reach.data_cut
from counted
cross join {{ reach_of(['police', 'dip']) }} as reach
cross join lateral statistics.wilson_interval(counted.n_rearrested, counted.n_followed) as wilson

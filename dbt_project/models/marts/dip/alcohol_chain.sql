-- alcohol_chain: one row per quarter of screening, tool, area and group: from the screening to brief intervention and referral.
-- Screenings (events) and people are counted apart. Who was not asked enough for a score is in no share, and neither is a positive screening of
-- which nobody says whether a brief intervention followed. A client whom no person is linked to is a person.
{% set client = person_or('client_ref', 'screening') %}
with counted as (
    select
        period.period_start, period.period_end, period.last_day, listed.tool,
        split.area_level, split.area, split.group_by, split.group_value,
        count(*) as n_screened,
        count(distinct {{ client }}) as n_people_screened,
        count(*) filter (where is_positive is null) as n_without_score,
        count(*) filter (where is_positive) as n_positive,
        count(distinct {{ client }}) filter (where is_positive) as n_people_positive,
        count(*) filter (where is_positive and is_brief_intervention) as n_brief_intervention,
        count(distinct {{ client }}) filter (where is_positive and is_brief_intervention) as n_people_brief_intervention,
        count(*) filter (where is_positive and is_brief_intervention is null) as n_brief_intervention_not_known,
        count(*) filter (where is_positive and outcome = 'referred') as n_referred
    from {{ ref('int_dip__alcohol') }} as screening
    {{ in_period('screening.screened_on') }}
    cross join lateral (values ('all'), (screening.tool)) as listed (tool)
    {{ counted_in([['area', 'screening.local_authority']], [['sex', 'screening.sex']]) }}
    where screening.horizon_months = 6
    group by
        period.period_start, period.period_end, period.last_day, listed.tool,
        split.area_level, split.area, split.group_by, split.group_value
)

select
    counted.period_start,
    counted.period_end,
    counted.tool,
    counted.area_level,
    counted.area,
    counted.group_by,
    counted.group_value,
    counted.n_screened,
    counted.n_people_screened,
    counted.n_without_score,
    counted.n_positive,
    counted.n_people_positive,
    counted.n_positive::numeric / nullif(counted.n_screened - counted.n_without_score, 0) as share_positive,
    counted.n_brief_intervention,
    counted.n_people_brief_intervention,
    counted.n_brief_intervention_not_known,
    counted.n_brief_intervention::numeric / nullif(counted.n_positive - counted.n_brief_intervention_not_known, 0) as share_brief_intervention,
    wilson.low as ci_low,
    wilson.high as ci_high,
    counted.n_referred,
    coalesce(counted.last_day <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
cross join {{ reach_of(['dip']) }} as reach
cross join lateral statistics.wilson_interval(
    counted.n_brief_intervention, counted.n_positive - counted.n_brief_intervention_not_known
) as wilson

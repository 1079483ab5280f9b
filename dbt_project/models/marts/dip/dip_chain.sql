-- dip_chain: one row per month or quarter of arrest, area, group and stage from the arrest for a trigger offence to staying in treatment.
-- Arrests (events) and people are counted apart; a stage is reached by a person when one of the arrests reached it.
-- The first three stages are the police's to tell, the others those of the drug services as well: without them nothing of these is known.
{% set group = 'period_kind, period_start, period_end, last_day, area_level, area, group_by, group_value, stage_number' %}
{% set of_group %}
    period.period_kind, period.period_start, period.period_end, period.last_day,
    split.area_level, split.area, split.group_by, split.group_value
{%- endset %}
{% set of_stage = of_group ~ ', stage.stage_number' %}
{% set firsts = ('is_first_of_month', 'is_first_of_quarter', 'is_first_of_month_in_division', 'is_first_of_quarter_in_division') %}
{% set counts = ('n_events', 'n_skipped_to', 'n_to_come', 'n_opiates_only', 'n_cocaine_only', 'n_both_drugs', 'n_other_only') %}
with arrested as (  -- by day, division and sex first: a row for each arrest is as many as there are arrests
    select
        arrested_on, division, sex, count(*) as n_events
        {%- for first in firsts %},
        count(*) filter (where {{ first }}) as {{ first }}
        {%- endfor %}
    from {{ ref('int_dip__trigger_arrest') }}
    group by arrested_on, division, sex
),

person as (  -- counted by person first: somebody may reach a stage several times
    select
        {{ of_stage }}, stage.person_key,
        count(*) filter (where stage.is_reached) as n_events,
        count(*) filter (where stage.is_skipped_to) as n_skipped_to,
        count(*) filter (where stage.is_to_come) as n_to_come,
        count(*) filter (where stage.is_reached and stage.has_opiates and not stage.has_cocaine) as n_opiates_only,
        count(*) filter (where stage.is_reached and stage.has_cocaine and not stage.has_opiates) as n_cocaine_only,
        count(*) filter (where stage.is_reached and stage.has_opiates and stage.has_cocaine) as n_both_drugs,
        count(*) filter (where stage.is_reached and stage.has_other and not stage.has_opiates and not stage.has_cocaine) as n_other_only
    from {{ ref('int_dip__stage') }} as stage
    {{ in_period('stage.arrested_on', ['month', 'quarter']) }}
    {{ counted_in([['division', 'stage.division']], [['sex', 'stage.sex']]) }}
    group by {{ of_stage }}, stage.person_key
),

counted as (
    select
        period.period_kind, period.period_start, period.period_end, period.last_day,
        split.area_level, split.area, split.group_by, split.group_value, 1 as stage_number,
        sum(arrested.n_events)::bigint as n_events,
        0 as n_skipped_to, 0 as n_to_come, 0 as n_opiates_only, 0 as n_cocaine_only, 0 as n_both_drugs, 0 as n_other_only,
        sum(
            case
                {%- for first in firsts %}
                when period.period_kind || (case split.area_level when 'division' then '_in_division' else '' end)
                    = '{{ first.removeprefix('is_first_of_') }}' then arrested.{{ first }}
                {%- endfor %}
            end
        )::bigint as n_people,
        0 as n_people_to_come
    from arrested
    {{ in_period('arrested.arrested_on', ['month', 'quarter']) }}
    {{ counted_in([['division', 'arrested.division']], [['sex', 'arrested.sex']]) }}
    group by {{ of_group }}

    union all

    select
        {{ group }},
        {%- for count in counts %}
        sum({{ count }})::bigint,
        {%- endfor %}
        count(*) filter (where n_events > 0),
        count(*) filter (where n_to_come > 0)
    from person
    group by {{ group }}
),

lasted as (
    select
        {{ of_stage }},
        percentile_cont(0.5) within group (order by stage.days_from_previous) as median_days_from_previous,
        percentile_cont(0.5) within group (order by stage.days_from_arrest) as median_days_from_arrest
    from {{ ref('int_dip__stage') }} as stage
    {{ in_period('stage.arrested_on', ['month', 'quarter']) }}
    {{ counted_in([['division', 'stage.division']], [['sex', 'stage.sex']]) }}
    group by {{ of_stage }}
),

without_consent as (
    select period.period_kind, period.period_start, count(*) as n_requirements
    from {{ ref('stg_dip__requirement') }} as requirement
    inner join {{ ref('int_dip__consent') }} as consent using (client_ref)
    {{ in_period('requirement.imposed_on', ['month', 'quarter']) }}
    where requirement.kind = 'initial' and not consent.has_consent
    group by period.period_kind, period.period_start
),

every_stage as (  -- stages that no arrest of a group has reached are nought, not left out
    select
        counted.period_kind, counted.period_start, counted.period_end, counted.last_day,
        counted.area_level, counted.area, counted.group_by, counted.group_value, listed.stage_number, listed.stage
    from counted
    cross join {{ ref('int_dip__chain') }} as listed
    where counted.stage_number = 1
),

chained as (
    select
        period_kind, period_start, every_stage.period_end, every_stage.last_day, area_level, area, group_by, group_value,
        stage_number, every_stage.stage,
        {%- for count in ('n_people', 'n_people_to_come') + counts %}
        coalesce(counted.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        lasted.median_days_from_previous,
        case when stage_number = 1 then 0 else lasted.median_days_from_arrest end as median_days_from_arrest,
        lag(coalesce(counted.n_events, 0)) over stages as events_before,
        first_value(counted.n_events) over stages as events_at_first,
        lag(coalesce(counted.n_people, 0)) over stages as people_before,
        first_value(counted.n_people) over stages as people_at_first
    from every_stage
    left join counted using (period_kind, period_start, area_level, area, group_by, group_value, stage_number)
    left join lasted using (period_kind, period_start, area_level, area, group_by, group_value, stage_number)
    window stages as (
        partition by period_kind, period_start, area_level, area, group_by, group_value order by stage_number
    )
),

known as (
    {{ wilson_intervals('chained', 'n_events', 'events_before') }}
)

select
    chained.period_kind,
    chained.period_start,
    chained.period_end,
    chained.area_level,
    chained.area,
    chained.group_by,
    chained.group_value,
    chained.stage_number,
    chained.stage,
    chained.n_events,
    chained.n_events::numeric / nullif(chained.events_before, 0) as share_of_previous,
    known.low as ci_low,
    known.high as ci_high,
    chained.n_events::numeric / nullif(chained.events_at_first, 0) as share_of_first,
    chained.n_people,
    chained.n_people::numeric / nullif(chained.people_before, 0) as people_share_of_previous,
    chained.n_people::numeric / nullif(chained.people_at_first, 0) as people_share_of_first,
    chained.median_days_from_previous,
    chained.median_days_from_arrest,
    case when chained.stage = 'positive' then chained.n_opiates_only end as n_opiates_only,
    case when chained.stage = 'positive' then chained.n_cocaine_only end as n_cocaine_only,
    case when chained.stage = 'positive' then chained.n_both_drugs end as n_both_drugs,
    case when chained.stage = 'positive' then chained.n_other_only end as n_other_only,
    chained.n_skipped_to,
    chained.n_to_come,
    chained.n_people_to_come,
    case
        when chained.stage = 'required' and chained.area_level = 'all' and chained.group_by = 'all' then coalesce(without_consent.n_requirements, 0)
    end as n_without_consent,
    case when {{ months_after('chained.last_day', 'limits.chain_final_after_months') }} <= reached.data_cut then 'final' else 'provisional' end as status,
    limits.retained_days,
    reached.data_cut
from chained
cross join {{ reach_of(['police']) }} as police
cross join {{ reach_of(['police', 'dip']) }} as both_feeds
cross join lateral (values (case when chained.stage_number <= 3 then police.data_cut else both_feeds.data_cut end)) as reached (data_cut)
cross join {{ ref('int_dip__limit') }} as limits
left join without_consent using (period_kind, period_start)
left join known on known.n_events = chained.n_events and known.events_before = chained.events_before

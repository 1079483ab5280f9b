-- A stage of the chain from arrest to treatment that more arrests or people reached than the stage before it.
with stage as (
    select
        *,
        lag(n_events) over steps as events_before,
        lag(n_people) over steps as people_before,
        lag(stage_number) over steps as number_before
    from {{ ref('dip_chain') }}
    window steps as (partition by period_kind, period_start, area_level, area, group_by, group_value order by stage_number)
)

select period_kind, period_start, area_level, area, group_by, group_value, stage
from stage
where n_events > events_before or n_people > people_before or stage_number <> coalesce(number_before, 0) + 1

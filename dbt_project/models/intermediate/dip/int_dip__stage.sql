-- int_dip__stage: one row per arrest for a trigger offence and later stage of the chain that is on record or may still come, with whether it was
-- reached. The first stage, the arrest itself, is int_dip__trigger_arrest.
-- A stage is reached when it and every stage before it are on record, so the chain never grows; one on record without those before it is
-- skipped_to. A stage of which no day is known has none, and days run from the last stage that has one.
with fact as (
    select
        arrest.person_key, arrest.arrest_ref, arrest.arrested_on, arrest.division, arrest.sex,
        arrest.has_opiates, arrest.has_cocaine, arrest.has_other,
        stage.stage_number, stage.is_on_record, stage.reached_on, stage.is_to_come
    from {{ ref('int_dip__arrest') }} as arrest
    cross join lateral (
        values
        (1, true, arrest.arrested_on, false),
        (2, arrest.tested_on is not null, arrest.tested_on, false),
        (3, arrest.has_opiates or arrest.has_cocaine or arrest.has_other, arrest.tested_on, false),
        (4, arrest.required_on is not null, arrest.required_on, false),
        (5, arrest.has_attended_initial, null, arrest.is_initial_to_come),
        (6, arrest.has_attended_follow_up, null, arrest.is_follow_up_to_come),
        (7, arrest.found_in_need_on is not null, arrest.found_in_need_on, false),
        (8, arrest.caseload_on is not null, arrest.caseload_on, false),
        (9, arrest.care_plan_on is not null, arrest.care_plan_on, false),
        (10, arrest.treatment_on is not null, arrest.treatment_on, false),
        (11, arrest.retained_on is not null, arrest.retained_on, arrest.is_retention_to_come)
    ) as stage (stage_number, is_on_record, reached_on, is_to_come)
    where stage.is_on_record or stage.is_to_come
),

chained as (  -- every stage before one is on record when as many are as its number says
    select
        *,
        is_on_record and count(*) filter (where is_on_record) over (partition by arrest_ref order by stage_number) = stage_number as is_reached,
        max(reached_on) filter (where is_on_record) over (
            partition by arrest_ref order by stage_number rows between unbounded preceding and 1 preceding
        ) as last_on
    from fact
)

select
    person_key,
    arrest_ref,
    arrested_on,
    division,
    sex,
    has_opiates,
    has_cocaine,
    has_other,
    stage_number,
    is_reached,
    is_on_record and not is_reached as is_skipped_to,
    is_to_come,
    case when is_reached and reached_on >= last_on then reached_on - last_on end as days_from_previous,
    case when is_reached and reached_on >= arrested_on then reached_on - arrested_on end as days_from_arrest
from chained
where stage_number > 1

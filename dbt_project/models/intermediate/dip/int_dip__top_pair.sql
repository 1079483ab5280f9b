-- int_dip__top_pair: one row per treatment and step of it (start to review, review to exit, start to exit), with the two profiles compared.
-- Where one is missing or the two are too near, both are empty: a profile asks about the 28 days before it, and two that are not so far
-- apart would tell of the same days. The start is the one nearest to the first day of treatment, the exit the one nearest to its last, both
-- near it; the review is the last one between. How far and how near is in drug_service_rules.csv.
with treatment as (
    select
        limits.profile_near_days as near_days, limits.profile_apart_days as apart_days,
        episode.episode_ref, episode.person_key, episode.area, episode.client_ref, episode.treatment_on, coalesce(episode.treatment_ended_on, episode.closed_on) as left_on,
        coalesce(person.sex, 'U') as sex
    from {{ ref('stg_dip__episode') }} as episode
    left join {{ ref('int_people__person') }} as person using (person_key)
    cross join {{ ref('int_dip__limit') }} as limits
    where episode.treatment_on <= {{ today() }}
),

started as (
    select distinct on (treatment.episode_ref) treatment.*, top.review_ref as start_ref, top.reviewed_on as start_on
    from treatment
    inner join {{ ref('stg_dip__top') }} as top using (episode_ref)
    where top.stage = 'start' and abs(top.reviewed_on - treatment.treatment_on) <= treatment.near_days
    order by treatment.episode_ref, abs(top.reviewed_on - treatment.treatment_on), top.reviewed_on, top.review_ref
),

left_with as (
    select distinct on (treatment.episode_ref) treatment.episode_ref, top.review_ref as exit_ref, top.reviewed_on as exit_on
    from treatment
    inner join {{ ref('stg_dip__top') }} as top using (episode_ref)
    where top.stage = 'exit' and abs(top.reviewed_on - treatment.left_on) <= treatment.near_days
    order by treatment.episode_ref, abs(top.reviewed_on - treatment.left_on), top.reviewed_on, top.review_ref
),

reviewed as (
    select distinct on (treatment.episode_ref) treatment.episode_ref, top.review_ref as mid_ref, top.reviewed_on as mid_on
    from treatment
    inner join {{ ref('stg_dip__top') }} as top using (episode_ref)
    where
        top.stage = 'review'
        and top.reviewed_on between treatment.treatment_on and coalesce(treatment.left_on, {{ today() }})
    order by treatment.episode_ref, top.reviewed_on desc, top.review_ref desc
)

select
    treatment.episode_ref,
    treatment.person_key,
    treatment.client_ref,
    treatment.area,
    treatment.sex,
    treatment.treatment_on,
    step.step,
    case when step.later_on - step.first_on >= treatment.apart_days then step.first_ref end as first_ref,
    case when step.later_on - step.first_on >= treatment.apart_days then step.later_ref end as later_ref
from treatment
left join started using (episode_ref)
left join reviewed using (episode_ref)
left join left_with using (episode_ref)
cross join lateral (
    values
    ('start_to_review', start_ref, start_on, mid_ref, mid_on),
    ('review_to_exit', mid_ref, mid_on, exit_ref, exit_on),
    ('start_to_exit', start_ref, start_on, exit_ref, exit_on)
) as step (step, first_ref, first_on, later_ref, later_on)

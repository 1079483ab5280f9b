-- int_dip__arrest: one row per arrest of an adult for a trigger offence that a test or a required assessment followed, each fact by itself.
-- Tests are those made on that arrest. Positive is positive for opiates or cocaine, the specified Class A drugs. A required assessment is joined only
-- while its client consents to sharing. The episode that serves the arrest is the first of the client's that began for a required assessment from
-- the day it was imposed up to so many days after it was due; one episode serves one arrest, the last that it can. The days are those of
-- drug_service_rules.csv.
with test as (
    select
        arrest_ref,
        min(tested_on) as tested_on,
        coalesce(bool_or(result = 'positive' and substance = 'opiates'), false) as has_opiates,
        coalesce(bool_or(result = 'positive' and substance = 'cocaine'), false) as has_cocaine
    from {{ ref('stg_police__drug_test') }}
    where result in ('positive', 'negative')
    group by arrest_ref
),

requirement as (
    select requirement.*
    from {{ ref('stg_dip__requirement') }} as requirement
    inner join {{ ref('int_dip__consent') }} as consent using (client_ref)
    where consent.has_consent and requirement.arrest_ref is not null
),

initial as (
    select distinct on (arrest_ref) *
    from requirement
    where kind = 'initial'
    order by arrest_ref, imposed_on, requirement_ref
),

follow_up as (
    select arrest_ref, bool_or(attended) as attended, min(due_on) as due_on
    from requirement
    where kind = 'follow_up'
    group by arrest_ref
),

served as (
    select distinct on (episode.episode_ref) episode.*, initial.arrest_ref
    from initial
    cross join {{ ref('int_dip__limit') }} as limits
    inner join {{ ref('stg_dip__episode') }} as episode
        on episode.client_ref = initial.client_ref
        and episode.contact_reason = 'required_assessment'
        and episode.referred_on between initial.imposed_on and coalesce(initial.due_on, initial.imposed_on) + limits.episode_within_days
    order by episode.episode_ref, initial.imposed_on desc, initial.requirement_ref
),

episode as (
    select distinct on (arrest_ref) *, coalesce(treatment_ended_on, closed_on) as left_treatment_on
    from served
    order by arrest_ref, referred_on, episode_ref
)

select
    arrest.person_key,
    arrest.arrest_ref,
    arrest.arrested_on,
    arrest.division,
    arrest.sex,
    test.tested_on,
    coalesce(test.has_opiates, false) as has_opiates,
    coalesce(test.has_cocaine, false) as has_cocaine,
    initial.imposed_on as required_on,
    coalesce(initial.attended and initial.remained, false) as has_attended_initial,
    coalesce(initial.attended is null and initial.due_on > reach.data_cut, false) as is_initial_to_come,
    coalesce(follow_up.attended, false) as has_attended_follow_up,
    coalesce(follow_up.attended is null and follow_up.due_on > reach.data_cut, false) as is_follow_up_to_come,
    case when episode.needs_intervention then episode.assessed_on end as found_in_need_on,
    episode.caseload_on,
    episode.care_plan_on,
    episode.treatment_on,
    case
        when episode.treatment_on + limits.retained_days <= coalesce(episode.left_treatment_on, reach.data_cut)
            then episode.treatment_on + limits.retained_days
    end as retained_on,
    coalesce(episode.left_treatment_on is null and episode.treatment_on + limits.retained_days > reach.data_cut, false) as is_retention_to_come
from {{ ref('int_dip__trigger_arrest') }} as arrest
cross join {{ reach_of(['dip']) }} as reach
cross join {{ ref('int_dip__limit') }} as limits
left join test using (arrest_ref)
left join initial using (arrest_ref)
left join follow_up using (arrest_ref)
left join episode using (arrest_ref)
where test.arrest_ref is not null or initial.arrest_ref is not null or follow_up.arrest_ref is not null

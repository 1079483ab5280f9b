-- int_dip__arrest: one row per arrest of an adult for a trigger offence that a test or a required assessment followed, each fact by itself.
-- An arrest told under two references has what followed either. Tests are those made on that arrest. Positive is positive for a drug that the law named on the day of the test. A required assessment is joined only
-- while its client consents to sharing. Whoever was required twice, having missed the first appointment, has attended where either was kept, and is
-- required from the first day. The episode that serves the arrest is the first of the client's that began for a required assessment from
-- the day one was imposed up to so many days after it was due; one episode serves one arrest, the last that it can. The days are those of
-- drug_service_rules.csv.
{% set drugs = ('opiates', 'cocaine', 'other') %}
with told as (
    select arrest.arrest_ref as arrest_ref, reference as told_ref
    from {{ ref('int_dip__trigger_arrest') }} as arrest
    cross join lateral unnest(arrest.told_as) as reference
),

test as (
    select
        told.arrest_ref,
        min(tested_on) as tested_on,
        {%- for drug in drugs %}
        coalesce(bool_or(test.result = 'positive' and test.substance = '{{ drug }}' and drug.is_specified), false) as has_{{ drug }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_police__drug_test') }} as test
    inner join told on told.told_ref = test.arrest_ref
    left join {{ ref('int_dip__specified_drug') }} as drug
        on drug.substance = test.substance and test.tested_on >= drug.in_force_from and test.tested_on < drug.next_from
    where test.result in ('positive', 'negative')
    group by told.arrest_ref
),

requirement as (
    select requirement.*, coalesce(told.arrest_ref, requirement.arrest_ref) as of_arrest
    from {{ ref('stg_dip__requirement') }} as requirement
    inner join {{ ref('int_dip__consent') }} as consent using (client_ref)
    left join told on told.told_ref = requirement.arrest_ref
    where consent.has_consent and requirement.arrest_ref is not null
),

required as (
    select
        of_arrest as arrest_ref,
        kind,
        min(imposed_on) as imposed_on,
        coalesce(bool_or(attended and (remained or kind = 'follow_up')), false) as is_attended,
        coalesce(bool_or(attended is null and due_on > reach.data_cut), false) as is_open
    from requirement
    cross join {{ reach_of(['dip']) }} as reach
    group by of_arrest, kind
),

served as (
    select distinct on (episode.episode_ref) episode.*, requirement.of_arrest as arrest_ref
    from requirement
    cross join {{ ref('int_dip__limit') }} as limits
    inner join {{ ref('stg_dip__episode') }} as episode
        on episode.client_ref = requirement.client_ref
        and episode.contact_reason = 'required_assessment'
        and episode.referred_on between requirement.imposed_on and coalesce(requirement.due_on, requirement.imposed_on) + limits.episode_within_days
    where requirement.kind = 'initial'
    order by episode.episode_ref, requirement.imposed_on desc, requirement.requirement_ref
),

episode as (  -- of whoever was in treatment already, the chain's weeks begin with the referral
    select distinct on (arrest_ref)
        *,
        case when treatment_on is not null then greatest(treatment_on, referred_on) end as treated_from,
        coalesce(treatment_ended_on, closed_on) as left_treatment_on
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
    {%- for drug in drugs %}
    coalesce(test.has_{{ drug }}, false) as has_{{ drug }},
    {%- endfor %}
    initial.imposed_on as required_on,
    coalesce(initial.is_attended, false) as has_attended_initial,
    coalesce(initial.is_open and not initial.is_attended, false) as is_initial_to_come,
    coalesce(follow_up.is_attended, false) as has_attended_follow_up,
    coalesce(follow_up.is_open and not follow_up.is_attended, false) as is_follow_up_to_come,
    case when episode.needs_intervention then episode.assessed_on end as found_in_need_on,
    episode.caseload_on,
    episode.care_plan_on,
    episode.treated_from as treatment_on,
    case
        when episode.treated_from + limits.retained_days <= coalesce(episode.left_treatment_on, reach.data_cut)
            then episode.treated_from + limits.retained_days
    end as retained_on,
    coalesce(episode.left_treatment_on is null and episode.treated_from + limits.retained_days > reach.data_cut, false) as is_retention_to_come
from {{ ref('int_dip__trigger_arrest') }} as arrest
cross join {{ reach_of(['dip']) }} as reach
cross join {{ ref('int_dip__limit') }} as limits
left join test on test.arrest_ref = arrest.arrest_ref
left join required as initial on initial.arrest_ref = arrest.arrest_ref and initial.kind = 'initial'
left join required as follow_up on follow_up.arrest_ref = arrest.arrest_ref and follow_up.kind = 'follow_up'
left join episode on episode.arrest_ref = arrest.arrest_ref
where test.arrest_ref is not null or initial.arrest_ref is not null or follow_up.arrest_ref is not null

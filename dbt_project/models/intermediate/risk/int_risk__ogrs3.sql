-- int_risk__ogrs3: one row per person and day asked, with OGRS3 worked out here from the sanctions known on that day, or why there is none.
-- Current is the last sanction by that day. Risk starts at that sanction or at a release since, where that is less than two years ago, else on
-- the day asked itself; so does the risk of a person who is in prison on that day. risk_on is infinity where that day is today (asked_on).
{{ build_by_person('aged_people') }}
with sanctioned as (
    select distinct on (asked.person_key, asked.asked_on)
        asked.*,
        sanction.sanctioned_on,
        sanction.first_sanctioned_on,
        sanction.previous_sanctions,
        sanction.offence_group,
        greatest(sanction.sanctioned_on, asked.released_on) as commenced_on
    from {{ ref('int_risk__asked') }} as asked
    left join {{ ref('int_risk__sanction') }} as sanction
        on sanction.person_key = asked.person_key and sanction.sanctioned_on <= {{ day_asked() }}
    where {{ has_changed_or_has_aged('asked.person_key') }}
    order by asked.person_key, asked.asked_on, sanction.previous_sanctions desc
),

at_risk as (
    select
        *,
        case
            when not is_in_custody and commenced_on > {{ months_after(day_asked('sanctioned'), -24) }} then commenced_on
            else asked_on
        end as risk_on
    from sanctioned
),

aged as materialized (  -- else each age is worked out again wherever the function reads it
    select
        at_risk.*,
        person.sex,
        {{ age_on('least(at_risk.risk_on, ' ~ today() ~ ')', 'person.born_on') }} as age_at_risk,
        {{ age_on('at_risk.sanctioned_on', 'person.born_on') }} as age_at_conviction,
        {{ age_on('at_risk.first_sanctioned_on', 'person.born_on') }} as age_at_first_sanction
    from at_risk
    inner join {{ ref('int_people__person') }} as person using (person_key)
)

select
    aged.person_key,
    aged.asked_on,
    aged.risk_on,
    aged.sanctioned_on,
    aged.sex,
    aged.age_at_risk,
    aged.age_at_conviction,
    aged.age_at_first_sanction,
    aged.previous_sanctions,
    aged.offence_group,
    score.one_year,
    score.two_year,
    case when aged.sanctioned_on is null then 'no_sanction' else score.reason end as reason
from aged
cross join lateral prediction.ogrs3(
    aged.sex, aged.age_at_risk, aged.age_at_conviction, aged.age_at_first_sanction, aged.previous_sanctions, aged.offence_group
) as score

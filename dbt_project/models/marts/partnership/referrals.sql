-- referrals: one row per month or quarter, route, referring agency and district, and for each of these three also `all`.
-- A referral belongs to the period in which it was made, whatever the day of its decision. Acceptance is accepted over decided: what is
-- still pending is no refusal, and while anything is, the figures of its period are not final. Whether it was made about one person or one twice, a referral is one referral; how many people are behind
-- the referrals stands beside them. A case that nobody is linked to is taken for a person.
with referral as (
    select
        period.period_kind, period.period_start, period.period_end, period.is_complete, period.data_cut,
        coalesce(referral.route, 'unknown') as route,
        coalesce(referral.referring_agency, 'unknown') as referring_agency,
        coalesce(referral.district, 'unknown') as district,
        coalesce(referral.decision, 'pending') as decision,
        {{ person_or('case_ref', 'referral') }} as person,
        case when referral.decision <> 'pending' and referral.decided_on >= referral.referred_on
            then referral.decided_on - referral.referred_on
        end as days_to_decision
    from {{ ref('stg_hub__referral') }} as referral
    inner join {{ ref('int_caseload__period') }} as period on referral.referred_on between period.period_start and period.period_end
),

counted as (
    select
        period_kind, period_start, period_end, is_complete, data_cut,
        coalesce(route, 'all') as route,
        coalesce(referring_agency, 'all') as referring_agency,
        coalesce(district, 'all') as area,
        count(*) as n_made,
        count(*) filter (where decision = 'accepted') as n_accepted,
        count(*) filter (where decision = 'declined') as n_declined,
        count(*) filter (where decision = 'pending') as n_pending,
        count(*) filter (where decision <> 'pending') as n_decided,
        count(distinct person) as n_people,
        count(distinct person) filter (where decision = 'accepted') as n_people_accepted,
        count(distinct person) filter (where decision = 'declined') as n_people_declined,
        count(distinct person) filter (where decision = 'pending') as n_people_pending,
        count(distinct person) filter (where decision <> 'pending') as n_people_decided,
        count(days_to_decision) as n_timed,
        percentile_cont(0.5) within group (order by days_to_decision) as median_days_to_decision,
        percentile_cont(0.9) within group (order by days_to_decision) as p90_days_to_decision
    from referral
    group by period_kind, period_start, period_end, is_complete, data_cut, cube (route, referring_agency, district)
)

select
    counted.period_kind,
    counted.period_start,
    counted.period_end,
    counted.route,
    counted.referring_agency,
    case when counted.area = 'all' then 'all' else 'district' end as area_level,
    counted.area,
    counted.n_made,
    counted.n_accepted,
    counted.n_declined,
    counted.n_pending,
    counted.n_decided,
    counted.n_people,
    counted.n_people_accepted,
    counted.n_people_declined,
    counted.n_people_pending,
    counted.n_people_decided,
    counted.n_accepted::numeric / nullif(counted.n_decided, 0) as acceptance,
    proportion.low as ci_low,
    proportion.high as ci_high,
    counted.n_timed,
    counted.median_days_to_decision,
    counted.p90_days_to_decision,
    counted.is_complete,
    case when counted.is_complete and counted.n_pending = 0 then 'final' else 'provisional' end as status,
    counted.data_cut
from counted
cross join lateral statistics.wilson_interval(counted.n_accepted, counted.n_decided) as proportion

-- contract_position: one row per contract that has begun, in its current year, or its last one if it has ended.
-- A year runs from the day the contract began, or its anniversary (of 29 February 28 February, where the year has no other). Budget, spending and
-- targets are of a year; what is due by now is the part of the year that has passed, up to the day that the hub's data reach to. Starts and completions
-- without a day are of no year, and counted over all. What was started under a contract is completed under it, also after its end.
{% set undated = {
    'started': "referral.status = 'started' and referral.started_on is null",
    'completed': "referral.result = 'completed' and referral.ended_on is null",
} %}
{% set completed -%}
    referral.result = 'completed' and referral.ended_on between current_year.year_start and current_year.data_cut
    and coalesce(referral.started_on, referral.ended_on) <= current_year.until
{%- endset %}
with begun as (
    select contract.*, least(reach.data_cut, contract.ends_on) as until, reach.data_cut
    from {{ ref('stg_hub__contract') }} as contract
    cross join {{ reach_of(['hub']) }} as reach
    where contract.starts_on <= reach.data_cut and (contract.ends_on is null or contract.ends_on >= contract.starts_on)
),

year as (
    select
        *,
        (
            select max(years) from generate_series(0, (extract(year from until) - extract(year from starts_on))::integer) as years
            where {{ months_after('starts_on', '12 * years') }} <= until
        ) as years_before
    from begun
),

current_year as (
    select
        *,
        {{ months_after('starts_on', '12 * years_before') }} as year_start,
        {{ months_after('starts_on', '12 * (years_before + 1)') }} as next_year_start
    from year
),

delivered as (
    select
        current_year.contract_ref,
        count(*) filter (where referral.started_on between current_year.year_start and current_year.until) as n_started,
        count(distinct referral.person_key) filter (
            where referral.started_on between current_year.year_start and current_year.until
        ) as n_people_started,
        count(*) filter (where {{ completed }}) as n_completed,
        count(distinct referral.person_key) filter (where {{ completed }}) as n_people_completed,
        {%- for event, is_it in undated.items() %}
        count(*) filter (where {{ is_it }}) as n_{{ event }}_without_day,
        count(distinct referral.person_key) filter (where {{ is_it }}) as n_people_{{ event }}_without_day{{ ',' if not loop.last }}
        {%- endfor %}
    from current_year
    inner join {{ ref('int_services__referral') }} as referral using (contract_ref)
    group by current_year.contract_ref
),

position as (
    select
        current_year.*,
        (until - year_start + 1)::numeric / (next_year_start - year_start) as share_of_year,
        coalesce(delivered.n_started, 0) as n_started,
        coalesce(delivered.n_people_started, 0) as n_people_started,
        coalesce(delivered.n_completed, 0) as n_completed,
        coalesce(delivered.n_people_completed, 0) as n_people_completed,
        {%- for event in undated %}
        coalesce(delivered.n_{{ event }}_without_day, 0) as n_{{ event }}_without_day,
        coalesce(delivered.n_people_{{ event }}_without_day, 0) as n_people_{{ event }}_without_day{{ ',' if not loop.last }}
        {%- endfor %}
    from current_year
    left join delivered using (contract_ref)
)

select
    position.contract_ref,
    position.provider,
    position.intention,
    case when position.ends_on < {{ today() }} then 'ended' else 'running' end as status,
    position.year_start,
    least(position.next_year_start - 1, position.ends_on) as year_end,
    position.share_of_year,
    position.annual_budget,
    position.annual_budget * position.share_of_year as budget_by_now,
    position.spent_to_date,
    position.spent_to_date / nullif(position.annual_budget, 0) as spent_of_budget,
    position.spent_to_date - position.annual_budget * position.share_of_year as over_budget_by_now,
    position.target_starts,
    position.target_starts * position.share_of_year as starts_due_by_now,
    position.n_started,
    position.n_people_started,
    position.n_started / nullif(position.target_starts * position.share_of_year, 0) as starts_of_due,
    position.target_completions,
    position.target_completions * position.share_of_year as completions_due_by_now,
    position.n_completed,
    position.n_people_completed,
    {%- for event in undated %}
    position.n_{{ event }}_without_day,
    position.n_people_{{ event }}_without_day,
    {%- endfor %}
    position.n_completed / nullif(position.target_completions * position.share_of_year, 0) as completions_of_due,
    position.spent_to_date / nullif(position.n_started, 0) as spent_per_start,
    position.spent_to_date / nullif(position.n_completed, 0) as spent_per_completion,
    position.data_cut
from position

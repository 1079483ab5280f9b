-- standard_status: one row per quarter, district and minimum standard, as the last assessment by the end of the quarter found it, beside the end of
-- the quarter before.
with assessed as (
    select coalesce(district, 'unknown') as district, standard, assessed_on, bool_and(met) as is_met
    from {{ ref('stg_hub__standard') }}
    where met is not null and standard is not null
    group by coalesce(district, 'unknown'), standard, assessed_on
),

standing as (
    select distinct on (period.period_start, assessed.district, assessed.standard)
        period.period_start, period.period_end, period.is_complete, period.data_cut, assessed.*
    from assessed
    inner join {{ ref('int_caseload__period') }} as period on period.period_kind = 'quarter' and assessed.assessed_on <= period.period_end
    order by period.period_start, assessed.district, assessed.standard, assessed.assessed_on desc
),

compared as (
    select *, lag(is_met) over (partition by district, standard order by period_start) as was_met
    from standing
)

select
    period_start,
    period_end,
    district,
    standard,
    assessed_on,
    is_met,
    was_met,
    case
        when was_met is null then 'first'
        when is_met then case when was_met then 'kept' else 'gained' end
        else case when was_met then 'lost' else 'still_missed' end
    end as change,
    assessed_on >= period_start as is_assessed_in_quarter,
    is_complete,
    data_cut
from compared

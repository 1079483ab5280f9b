-- standard_status: one row per quarter, district and minimum standard, as the last assessment by the end of the quarter found it.
with assessed as (
    select coalesce(district, 'unknown') as district, standard, assessed_on, bool_and(met) as is_met
    from {{ ref('stg_hub__standard') }}
    where met is not null and standard is not null
    group by coalesce(district, 'unknown'), standard, assessed_on
),

compared as (
    select
        *,
        lag(is_met) over (partition by district, standard order by assessed_on) as was_met,
        lead(assessed_on) over (partition by district, standard order by assessed_on) as next_on
    from assessed
)

select
    period.period_start,
    period.period_end,
    compared.district,
    compared.standard,
    compared.assessed_on,
    compared.is_met,
    compared.was_met,
    case
        when compared.was_met is null then 'first'
        when compared.is_met then case when compared.was_met then 'kept' else 'gained' end
        else case when compared.was_met then 'lost' else 'still_missed' end
    end as change,
    compared.assessed_on >= period.period_start as is_assessed_in_quarter,
    period.is_complete,
    period.data_cut
from compared
inner join {{ ref('int_caseload__period') }} as period
    on period.period_kind = 'quarter'
    and compared.assessed_on <= period.period_end
    and (compared.next_on is null or compared.next_on > period.period_end)

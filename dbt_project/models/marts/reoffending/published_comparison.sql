-- published_comparison: one row per figure printed elsewhere and version of the measure that gives it here, both side by side.
-- A printed figure is never forced to agree: where ours, rounded as the print is, differs, the row carries a finding. Horizons of one measure have
-- the same first and last day, so one is named by its day; a period without it, and the baseline, are those of the longest follow-up.
with ours as (
    select
        summary.measure_id,
        summary.measure_version,
        summary.group_by,
        summary.group_value,
        period.period,
        (to_jsonb(summary) ->> printed.figure)::numeric as value,
        printed.figure,
        row_number() over (
            partition by summary.measure_id, summary.measure_version, summary.group_by, summary.group_value, period.period, printed.figure
            order by summary.period_end desc, summary.horizon_days desc nulls first
        ) as from_last
    from {{ ref('reoffending_summary') }} as summary
    cross join lateral (
        values (summary.period_start || '/' || summary.period_end), ('day ' || summary.horizon_days), ('baseline')
    ) as period (period)
    inner join (select distinct measure_id, figure from {{ ref('stg_reference__published_figures') }}) as printed using (measure_id)
)

select
    printed.measure_id,
    ours.measure_version,
    printed.group_by,
    printed.group_value,
    printed.period,
    printed.figure,
    printed.printed_value,
    ours.value as our_value,
    round(ours.value, printed.decimals) as recalculated_value,
    coalesce(round(ours.value, printed.decimals) = printed.printed_value, false) as is_reproduced,
    case
        when ours.value is null then 'DQ-PUB-002: printed ' || printed.printed_value || ', nothing here to set beside it'
        when round(ours.value, printed.decimals) <> printed.printed_value
            then 'DQ-NI30-001: printed ' || printed.printed_value || ', recalculated ' || round(ours.value, printed.decimals)
    end as finding,
    printed.source
from {{ ref('stg_reference__published_figures') }} as printed
left join ours
    on ours.from_last = 1
    and ours.measure_id = printed.measure_id
    and ours.figure = printed.figure
    and ours.group_by = coalesce(printed.group_by, 'all')
    and ours.group_value = coalesce(printed.group_value, 'all')
    and ours.period = printed.period
    and (printed.measure_version is null or ours.measure_version = printed.measure_version)

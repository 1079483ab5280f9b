-- int_reoffending__series_break: one row per measure version and period or horizon across which something came to be counted in another way.
-- What is looked at begins with the baseline, where there is one, and ends with the last day of follow-up, or the data cut if that is earlier.
with span as (
    select
        measure_id, measure_version, cohort_id, cohort_version, period_number, event_kind, offence_set,
        coalesce(baseline_begins_on, period_start) as first_on,
        least(
            case
                when cohort_kind = 'static' then period_end
                else (period_end + coalesce(horizon_days, 0) + make_interval(months => coalesce(horizon_months, 0)))::date
            end,
            data_cut
        ) as last_on
    from {{ ref('int_reoffending__figure') }}
    where by_group = 'all'
)

select
    span.measure_id,
    span.measure_version,
    span.period_number,
    string_agg('series_break=' || broken.break_id, '; ' order by broken.breaks_on, broken.break_id) as findings
from span
inner join {{ ref('stg_reference__cohorts') }} as cohort on cohort.cohort_id = span.cohort_id and cohort.version = span.cohort_version
inner join {{ ref('stg_reference__series_breaks') }} as broken
    on broken.breaks_on > span.first_on
    and broken.breaks_on <= span.last_on
    and (broken.event_kinds is null or span.event_kind = any(broken.event_kinds))
    and (broken.max_sentence_days is null or cohort.max_sentence_days <= broken.max_sentence_days)
left join {{ ref('int_offences__series_break') }} as touched on touched.break_id = broken.break_id and touched.offence_set = span.offence_set
where broken.offence_set is null or touched.break_id is not null
group by span.measure_id, span.measure_version, span.period_number

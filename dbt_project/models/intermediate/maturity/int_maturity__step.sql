-- int_maturity__step: one row per subject, month of events, final delay and month of delay still to come, with the growth expected in it.
-- n_before is the count expected at the beginning of that month of delay, n_final the one expected in the end.
with step as (
    select so_far.*, factor.delay as step, factor.factor, factor.variance, factor.base
    from {{ ref('int_maturity__so_far') }} as so_far
    inner join {{ ref('int_maturity__factor') }} as factor
        on factor.event_kind = so_far.event_kind
        and factor.area_level = so_far.area_level
        and factor.area = so_far.area
        and factor.delay >= so_far.delay
        and factor.delay < so_far.most_delay
)

select
    subject, event_month, delay, most_delay, n_known, step, factor, variance, base,
    n_known * exp(sum(ln(factor)) over (months order by step)) / factor as n_before,
    n_known * exp(sum(ln(factor)) over months) as n_final
from step
window months as (partition by subject, event_month, most_delay)

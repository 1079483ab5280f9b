-- int_offences__offence_set: one row per offence set and pair of code and class, among those that occur, that one of its patterns fits.
-- A pattern is an exact code or class, or the front part of one; * is its only wildcard, and a pattern ending in / stands for all below it.
-- A measure counts by the set as it is now, on whatever day; in_force_from is for what the law asks on a day.
with pattern as (
    select
        offence_set,
        in_force_from,
        replace(replace({{ offence_code('pattern') }}, '_', '\_'), '*', '%') || case when pattern like '%/' then '%' else '' end as likeness
    from {{ ref('stg_reference__offence_sets') }}
)

select pattern.offence_set, occurring.offence_code, occurring.offence_class, min(pattern.in_force_from) as in_force_from
from pattern
inner join {{ ref('int_offences__occurring') }} as occurring
    on occurring.offence_code like pattern.likeness or occurring.offence_class like pattern.likeness
group by pattern.offence_set, occurring.offence_code, occurring.offence_class

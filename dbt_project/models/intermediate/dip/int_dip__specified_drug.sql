-- int_dip__specified_drug: one row per substance tested for and stretch of days, with whether the law names it: whether a test is positive that finds it.
-- Before the first row of drug_service_rules.csv, and without one, it is as in the years that the founders' figures are of.
with known as (
    select
        substance,
        is_specified,
        date '-infinity' as in_force_from
    from (values ('opiates', true), ('cocaine', true), ('other', false)) as usual (substance, is_specified)
    union all
    select
        replace(rule, 'positive_for_', '') as substance,
        value = 1 as is_specified,
        effective_from as in_force_from
    from {{ ref('stg_reference__drug_service_rules') }}
    where rule like 'positive\_for\_%'
)

select
    substance,
    is_specified,
    in_force_from,
    lead(in_force_from, 1, date 'infinity') over (partition by substance order by in_force_from) as next_from
from known

-- int_offences__offence_set: one row per offence set and pair of code and class, among those that occur, that one of its patterns fits.
-- What occurs are events of people and recorded crimes, whether or not anybody was found.
-- A pattern is an exact code or class, or the front part of one; * is its only wildcard, and a pattern ending in / stands for all below it.
-- The few pairs of the many events are found by going from one to the next in their index.
with recursive step (offence_code, offence_class) as (
    (
        select coalesce(offence_code, ''), coalesce(offence_class, '')
        from {{ ref('int_offences__event') }}
        order by 1, 2
        limit 1
    )
    union all
    select following.*
    from step
    cross join lateral (
        select coalesce(event.offence_code, ''), coalesce(event.offence_class, '')
        from {{ ref('int_offences__event') }} as event
        where (coalesce(event.offence_code, ''), coalesce(event.offence_class, '')) > (step.offence_code, step.offence_class)
        order by 1, 2
        limit 1
    ) as following
),

occurring as (
    select nullif(offence_code, '') as offence_code, nullif(offence_class, '') as offence_class
    from step
    where offence_code <> '' or offence_class <> ''
    union
    select offence_code, offence_class from {{ ref('stg_police__crime') }}
),

pattern as (
    select
        offence_set,
        replace(replace({{ offence_code('pattern') }}, '_', '\_'), '*', '%') || case when pattern like '%/' then '%' else '' end as likeness
    from {{ ref('stg_reference__offence_sets') }}
)

select distinct pattern.offence_set, occurring.offence_code, occurring.offence_class
from pattern
inner join occurring on occurring.offence_code like pattern.likeness or occurring.offence_class like pattern.likeness

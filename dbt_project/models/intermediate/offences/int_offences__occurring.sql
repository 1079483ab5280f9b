-- int_offences__occurring: one row per pair of offence code and class that occurs, in events of people and in recorded crimes, whether or
-- not anybody was found.
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
)

select nullif(offence_code, '') as offence_code, nullif(offence_class, '') as offence_class
from step
where offence_code <> '' or offence_class <> ''
union
select offence_code, offence_class from {{ ref('stg_police__crime') }}

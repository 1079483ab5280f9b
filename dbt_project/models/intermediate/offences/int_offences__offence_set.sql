-- int_offences__offence_set: one row per offence set and pair of code and class, among those that occur, that one of its patterns fits.
-- What occurs are events of people and recorded crimes, whether or not anybody was found.
-- A pattern is an exact code or class, or the front part of one; * is its only wildcard, and a pattern ending in / stands for all below it.
with occurring as (
    select offence_code, offence_class from {{ ref('int_offences__event') }}
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

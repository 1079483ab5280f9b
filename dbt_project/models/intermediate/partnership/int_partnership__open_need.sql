-- int_partnership__open_need: one row per person and pathway with a need that is open on the business date, with who says so.
-- The hub's and OASys assessments that count on the day, and what the prison found at the booking that is still open. One source that sees a
-- need is enough: another that sees none does not close it.
{{ config(indexes=[{'columns': ['person_key']}]) }}
with said as (
    select person_key, pathway, instrument as source
    from {{ ref('int_needs__counting') }} as counting
    where has_need and {{ is_open_on('counting', today()) }}
    union
    select spell.person_key, resettlement.pathway, 'prison'
    from {{ ref('stg_prison__resettlement') }} as resettlement
    inner join {{ ref('stg_prison__spell') }} as spell using (booking_ref)
    where
        spell.person_key is not null
        and spell.released_on is null
        and resettlement.has_need
        and resettlement.met_at_release is not true
        and coalesce(resettlement.assessed_on, {{ today() }}) <= {{ today() }}
)

select person_key, pathway, string_agg(source, ';' order by source) as sources
from said
group by person_key, pathway

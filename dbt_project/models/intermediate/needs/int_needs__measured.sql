-- int_needs__measured: one row per person, instrument, pathway, section and day on which an assessment gave an answer about it.
-- The section `all` is the pathway as a whole; the others are those of OASys. The score is the hub's level or the points of the section. What
-- an assessment left open is no answer, so it is neither a first nor a latest one. Of two on one day counts the one that counts everywhere, whatever
-- it left open.
with measured as (
    select
        person_key, instrument, instrument_version, pathway, 'all' as section, assessment_ref, assessed_on, has_need, says_more,
        case when instrument = 'hub' then says_more end as score
    from {{ ref('int_needs__assessment') }}
    where {{ has_changed() }}

    union all

    select
        person_key, 'oasys', instrument_version, pathway, section, assessment_ref, completed_on, has_need,
        sum(answer_count) over (partition by assessment_ref)::integer,
        score
    from {{ ref('int_needs__section_score') }}
    where {{ has_changed() }}
),

one_a_day as (
    select distinct on (person_key, instrument, pathway, section, assessed_on) *
    from measured
    order by person_key, instrument, pathway, section, assessed_on, says_more desc, assessment_ref desc
)

select person_key, instrument, instrument_version, pathway, section, assessment_ref, assessed_on, has_need, score
from one_a_day
where has_need is not null or score is not null

-- int_needs__assessment: one row per person, instrument, pathway and assessment.
-- The hub: level 1 or more is a need; a row without a level assessed nothing and is left out. OASys: a pathway of several sections is a need
-- when any of them is, none when all of them are known and below their thresholds, and not assessed otherwise.
-- `says_more` decides between two of one day: the higher level of the hub, the more answers of OASys.
{{ build_by_person() }}
{% set need_from_level = 1 %}
with oasys as (
    select
        person_key,
        assessment_ref,
        instrument_version,
        completed_on,
        pathway,
        sum(sum(answer_count)) over (partition by assessment_ref)::integer as answer_count,
        bool_and(has_threshold) as has_threshold,
        bool_or(has_need) as has_known_need,
        bool_and(score is not null) as is_answered
    from {{ ref('int_needs__section_score') }}
    where {{ has_changed() }}
    group by person_key, assessment_ref, instrument_version, completed_on, pathway
)

select
    person_key,
    'hub' as instrument,
    null as instrument_version,
    pathway,
    need_ref as assessment_ref,
    assessed_on,
    true as is_assessed,
    level >= {{ need_from_level }} as has_need,
    level as says_more
from {{ ref('stg_hub__need') }}
where person_key is not null and level is not null and assessed_on <= {{ today() }} and {{ has_changed() }}

union all

select
    person_key,
    'oasys',
    instrument_version,
    pathway,
    assessment_ref,
    completed_on,
    is_answered or coalesce(has_known_need, false),
    case when not has_threshold then null when has_known_need then true when is_answered then false end,
    answer_count
from oasys

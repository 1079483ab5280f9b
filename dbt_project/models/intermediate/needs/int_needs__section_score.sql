-- int_needs__section_score: one row per completed layer 3 OASys assessment of a person and section.
-- The score is the sum of the items answered; where none was answered there is no score, which is not a score of 0. An assessment without a
-- day of completion, or one completed after the business date, counts on no day.
{{ build_by_person() }}
with assessment as (
    select person_key, assessment_ref, instrument_version, completed_on
    from {{ ref('stg_probation__assessment') }}
    where
        person_key is not null
        and needs.is_layer_3(instrument, layer, status)
        and completed_on <= {{ today() }}
        and {{ has_changed() }}
),

answered as (
    select
        answer.assessment_ref,
        answer.section,
        sum(answer.score)::integer as score,
        count(answer.score)::integer as answer_count,
        bool_or(answer.linked_to_reoffending) as is_linked_to_reoffending,
        bool_or(answer.linked_to_harm) as is_linked_to_harm
    from {{ ref('stg_probation__answer') }} as answer
    inner join assessment using (assessment_ref)
    inner join {{ ref('int_needs__oasys_section') }} as section on section.section = answer.section and answer.question = any(section.items)
    group by answer.assessment_ref, answer.section
)

select
    assessment.person_key,
    assessment.assessment_ref,
    assessment.instrument_version,
    assessment.completed_on,
    section.section,
    section.pathway,
    answered.score,
    coalesce(answered.answer_count, 0) as answer_count,
    section.need_from is not null as has_threshold,
    answered.score >= section.need_from as has_need,
    answered.score >= section.severe_from as is_severe,
    answered.is_linked_to_reoffending,
    answered.is_linked_to_harm
from assessment
cross join {{ ref('int_needs__oasys_section') }} as section
left join answered on answered.assessment_ref = assessment.assessment_ref and answered.section = section.section

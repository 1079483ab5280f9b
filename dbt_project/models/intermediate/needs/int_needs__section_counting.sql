-- int_needs__section_counting: one row per person, section of OASys and stretch of days on which one assessment of it is the one that counts.
-- The stretches are those of the pathway; a section that the assessment left open has no score in its row.
{{ build_by_person() }}
select
    counting.person_key,
    counting.pathway,
    section.section,
    counting.assessment_ref,
    counting.instrument_version,
    section.score,
    section.has_need,
    section.is_severe,
    section.is_linked_to_reoffending,
    section.is_linked_to_harm,
    counting.valid_from,
    counting.valid_to
from {{ ref('int_needs__counting') }} as counting
inner join {{ ref('int_needs__section_score') }} as section
    on section.assessment_ref = counting.assessment_ref and section.pathway = counting.pathway
where counting.instrument = 'oasys' and {{ has_changed('counting.person_key') }} and {{ has_changed('section.person_key') }}

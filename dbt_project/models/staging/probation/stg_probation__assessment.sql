select
    link.person_key,
    assessment.assessment_ref,
    assessment.instrument,
    assessment.instrument_version,
    assessment.layer,
    assessment.status,
    assessment.completed_on
from {{ source('raw', 'probation_assessment') }} as assessment
{{ join_person('probation_person', 'assessment.crn') }}
where {{ is_known('probation', 'assessment') }}

select
    answer.assessment_ref,
    answer.section,
    answer.question,
    answer.score,
    answer.linked_to_reoffending,
    answer.linked_to_harm
from {{ source('raw', 'probation_answer') }} as answer
where {{ is_known('probation', 'answer') }}

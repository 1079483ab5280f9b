select
    link.person_key,
    rag.rag_ref,
    rag.case_ref,
    rag.assessed_on,
    rag.colour,
    {{ listed_agency('rag.assessor_agency') }} as assessor_agency
from {{ source('raw', 'hub_rag') }} as rag
{{ join_person('hub_case', 'rag.case_ref') }}
where {{ is_known('hub', 'rag') }}

select
    link.person_key,
    drug_test.test_ref,
    drug_test.arrest_ref,
    drug_test.police_ref,
    drug_test.tested_at,
    {{ london_date('drug_test.tested_at') }} as tested_on,
    drug_test.basis,
    drug_test.substance,
    drug_test.result
from {{ source('raw', 'police_drug_test') }} as drug_test
{{ join_person('police_person', 'drug_test.police_ref') }}
where {{ is_known('police', 'drug_test') }}

-- int_offences__positive_test: one row per person and positive test of one substance.
-- A test told under two police references of the person is one: of the same moment and substance, and after the same arrest, or one told twice. Where
-- one reference has several such tests (several other substances), the first under one is the first under the other, so that none is lost.
with test as (
    select
        person_key, test_ref, tested_at, tested_on, police_ref, substance,
        coalesce(counted_ref, arrest_ref) as of_arrest,
        row_number() over (
            partition by person_key, police_ref, tested_at, substance, coalesce(counted_ref, arrest_ref) order by test_ref
        ) as test_number
    from {{ ref('stg_police__drug_test') }}
    left join {{ ref('int_offences__told_again') }} using (person_key, arrest_ref)
    where person_key is not null and tested_on is not null and result = 'positive' and {{ has_changed() }}
)

select distinct on (person_key, tested_at, substance, of_arrest, test_number)
    person_key,
    test_ref,
    tested_on,
    coalesce(of_arrest, tested_at::text) as occasion_ref
from test
order by person_key, tested_at, substance, of_arrest, test_number, police_ref, test_ref

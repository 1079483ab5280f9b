-- int_offences__positive_test: one row per person and positive test of one substance.
-- A test told under two police references of the person is one: of the same moment and substance, and after the same arrest, or one told twice. A test
-- that names no arrest is after the one that others of its moment name, where they name one. Where
-- one reference has several such tests (several other substances), the first under one is the first under the other, so that none is lost.
with told as (
    select person_key, test_ref, tested_at, tested_on, police_ref, substance, coalesce(counted_ref, arrest_ref) as of_arrest
    from {{ ref('stg_police__drug_test') }}
    left join {{ ref('int_offences__told_again') }} using (person_key, arrest_ref)
    where person_key is not null and tested_on is not null and result = 'positive' and {{ has_changed() }}
),

after_arrest as (
    select
        person_key, test_ref, tested_at, tested_on, police_ref, substance,
        coalesce(of_arrest, case when min(of_arrest) over moment = max(of_arrest) over moment then min(of_arrest) over moment end) as of_arrest
    from told
    window moment as (partition by person_key, tested_at)
),

test as (
    select
        *,
        row_number() over (partition by person_key, police_ref, tested_at, substance, of_arrest order by test_ref) as test_number
    from after_arrest
)

select distinct on (person_key, tested_at, substance, of_arrest, test_number)
    person_key,
    test_ref,
    tested_on,
    coalesce(of_arrest, tested_at::text) as occasion_ref
from test
order by person_key, tested_at, substance, of_arrest, test_number, police_ref, test_ref

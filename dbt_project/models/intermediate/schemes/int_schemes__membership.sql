-- int_schemes__membership: one row per person and spell on a scheme, as the hub says it; a person may be on several at once.
-- A family on the programme is the scheme TF. The day a membership ends is the first day without it. Division and district are those of the
-- hub's row; where the person was on a day is in int_schemes__placement.
{{ build_by_person() }}
select
    person_key,
    membership_ref,
    case_ref,
    scheme,
    strand,
    starts_on as valid_from,
    ends_on as valid_to,
    end_reason,
    division,
    district
from {{ ref('stg_hub__membership') }}
where person_key is not null and (ends_on is null or ends_on >= starts_on) and {{ has_changed() }}

union all

select
    person_key,
    'family ' || family_ref || ' ' || case_ref || ' ' || starts_on as membership_ref,
    null as case_ref,
    'TF' as scheme,
    null as strand,
    starts_on as valid_from,
    ends_on as valid_to,
    null as end_reason,
    null as division,
    null as district
from {{ ref('stg_hub__family') }}
where person_key is not null and (ends_on is null or ends_on >= starts_on) and {{ has_changed() }}

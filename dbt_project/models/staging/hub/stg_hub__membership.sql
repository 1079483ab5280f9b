select
    link.person_key,
    membership.membership_ref,
    membership.case_ref,
    membership.scheme,
    membership.strand,
    membership.starts_on,
    membership.ends_on,
    membership.end_reason,
    {{ listed_area('membership.division') }} as division,
    {{ listed_area('membership.district') }} as district
from {{ source('raw', 'hub_membership') }} as membership
{{ join_person('hub_case', 'membership.case_ref') }}
where {{ is_known('hub', 'membership') }}

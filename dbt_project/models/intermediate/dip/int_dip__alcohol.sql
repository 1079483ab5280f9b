-- int_dip__alcohol: one row per screening for alcohol and number of months that people are followed for, with whether they were arrested again.
-- The day of the screening does not count, the last day of the months does. Followed is whoever consents to sharing, is known to the police and
-- whose months the police data have reached; of everybody else nobody looks whether there was an arrest.
with screening as (
    select
        screening.*, consent.local_authority,
        coalesce(consent.has_consent and person.is_known_to_police, false) as may_be_followed,
        coalesce(person.sex, 'U') as sex
    from {{ ref('int_dip__screening') }} as screening
    left join {{ ref('int_dip__consent') }} as consent using (client_ref)
    left join {{ ref('int_people__person') }} as person on person.person_key = screening.person_key
),

arrested as (
    select screening.referral_ref, min(arrest.arrested_on) as arrested_on
    from screening
    inner join {{ ref('int_offences__arrest') }} as arrest
        on arrest.person_key = screening.person_key and arrest.arrested_on > screening.screened_on
    where screening.may_be_followed
    group by screening.referral_ref
)

select
    screening.person_key,
    screening.referral_ref,
    screening.client_ref,
    screening.screened_on,
    coalesce(screening.tool, 'unknown') as tool,
    screening.is_positive,
    screening.is_brief_intervention,
    screening.outcome,
    screening.local_authority,
    screening.sex,
    screening.may_be_followed,
    horizon.months as horizon_months,
    coalesce({{ months_after('screening.screened_on', 'horizon.months') }} <= reach.data_cut, false) as is_matured,
    coalesce(arrested.arrested_on <= {{ months_after('screening.screened_on', 'horizon.months') }}, false) as is_rearrested
from screening
cross join (values (6), (12)) as horizon (months)
cross join {{ reach_of(['police']) }} as reach
left join arrested using (referral_ref)

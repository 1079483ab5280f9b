-- int_area_crime__person: one row per cleared-up crime and person who did it, and whether that was while on a scheme (families apart).
{{ build_by_person(also_by='crime_ref') }}
select
    crime.crime_ref,
    crime.person_key,
    crime.offence_code,
    crime.offence_class,
    bool_or(membership.person_key is not null) as is_member
from {{ ref('int_offences__detected_crime') }} as crime
left join {{ ref('int_schemes__membership') }} as membership
    on membership.person_key = crime.person_key
    and membership.scheme <> 'TF'
    and {{ is_open_on('membership', 'crime.committed_on') }}
where {{ has_changed('crime.person_key') }}
group by crime.crime_ref, crime.person_key, crime.offence_code, crime.offence_class

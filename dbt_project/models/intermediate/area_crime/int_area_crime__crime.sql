-- int_area_crime__crime: one row per recorded crime that was not cancelled, with its financial year and who is known to have done it.
-- A crime is a member's when somebody for whom it was cleared up was on a scheme (families apart) on the day it was committed. It lies in its
-- ward, or in its division where the ward is not among the areas.
with detected as (
    select distinct crime_ref from {{ ref('int_offences__detected_crime') }}
),

of_member as (
    select distinct crime_ref from {{ ref('int_area_crime__member') }}
)

select
    crime.crime_ref,
    crime.offence_code,
    crime.offence_class,
    coalesce(ward.area, crime.division) as area,
    make_date(extract(year from crime.recorded_on - interval '3 months')::integer, 4, 1) as year_from,
    detected.crime_ref is not null or coalesce(crime.outcome in ({{ cleared_up() }}), false) as is_detected,
    of_member.crime_ref is not null as is_by_member
from {{ ref('stg_police__crime') }} as crime
left join {{ ref('stg_reference__areas') }} as ward on ward.area = crime.ward
left join detected using (crime_ref)
left join of_member using (crime_ref)
where crime.cancelled_on is null and crime.recorded_on <= {{ data_cut('police') }}

-- int_area_crime__crime: one row per recorded crime that was not cancelled, with its financial year and who is known to have done it.
-- A crime is a member's when somebody for whom it was cleared up was on a scheme (families apart) on the day it was committed. It lies in its
-- ward, or in its division where the ward is not among the areas.
with known as (
    select crime_ref, bool_or(is_member) as is_by_member from {{ ref('int_area_crime__person') }} group by crime_ref
)

select
    crime.crime_ref,
    crime.offence_code,
    crime.offence_class,
    coalesce(ward.area, crime.division) as area,
    make_date(extract(year from crime.recorded_on - interval '3 months')::integer, 4, 1) as year_from,
    known.crime_ref is not null or coalesce(crime.outcome in ({{ cleared_up() }}), false) as is_detected,
    known.crime_ref is not null as is_by_somebody_known,
    coalesce(known.is_by_member, false) as is_by_member
from {{ ref('stg_police__crime') }} as crime
left join {{ ref('stg_reference__areas') }} as ward on ward.area = crime.ward
left join known using (crime_ref)
where crime.cancelled_on is null and crime.recorded_on <= {{ data_cut('police') }}

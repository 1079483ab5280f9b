-- int_area_crime__crime: one row per recorded crime that was not cancelled, with its financial year and where it lies: in its ward, or in its
-- division where the ward is not among the areas.
select
    crime.crime_ref,
    crime.offence_code,
    crime.offence_class,
    coalesce(ward.area, crime.division) as area,
    make_date(extract(year from crime.recorded_on - interval '3 months')::integer, 4, 1) as year_from,
    coalesce(crime.outcome in ({{ cleared_up() }}), false) as is_cleared_up
from {{ ref('stg_police__crime') }} as crime
left join {{ ref('stg_reference__areas') }} as ward on ward.area = crime.ward
where crime.cancelled_on is null and crime.recorded_on <= {{ data_cut('police') }}

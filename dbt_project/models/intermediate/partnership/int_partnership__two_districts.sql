-- int_partnership__two_districts: one row per person, district, other district and unbroken stretch of days on the books of both.
with shared as (
    select one.person_key, one.district, other.district as other_district,
        range_agg(daterange(one.valid_from, one.valid_to) * daterange(other.valid_from, other.valid_to)) as days
    from {{ ref('int_schemes__told') }} as one
    inner join {{ ref('int_schemes__told') }} as other
        on other.person_key = one.person_key
        and other.district <> one.district
        and daterange(one.valid_from, one.valid_to) && daterange(other.valid_from, other.valid_to)
    group by one.person_key, one.district, other.district
)

select person_key, district, other_district, lower(stretch) as valid_from, upper(stretch) as valid_to
from shared, unnest(days) as stretch

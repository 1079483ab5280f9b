-- int_partnership__place: one row per person, with the district and division of the business date.
-- Schemes are those that may be told of the person, without the families' programme. Of several open memberships the one that began last; without
-- one the district of the case records, in the division that it lies in.
with placed as (
    select distinct on (person_key) person_key, district, division
    from {{ ref('int_schemes__placement') }} as membership
    where {{ is_open_on('membership', today()) }}
    order by person_key, district is null, joined_on desc, membership_ref
),

told as (
    select person_key, string_agg(distinct scheme, ';' order by scheme) as schemes
    from {{ ref('int_schemes__told') }} as membership
    where scheme <> 'TF' and {{ is_open_on('membership', today()) }}
    group by person_key
)

select
    person_key,
    coalesce(placed.district, person.district) as district,
    coalesce(placed.division, lies_in.division) as division,
    told.schemes
from {{ ref('int_people__person') }} as person
left join placed using (person_key)
left join told using (person_key)
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = coalesce(placed.district, person.district)

-- int_areas__division: one row per area that lies in a police division, with the nearest one.
select area, nearest as division
from {{ ref('int_areas__nearest') }}
where area_type = 'division'

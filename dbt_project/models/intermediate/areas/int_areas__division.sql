-- int_areas__division: one row per area that lies in a police division, with the nearest one.
select distinct on (lies_in.area) lies_in.area, lies_in.ancestor as division
from {{ ref('int_areas__ancestor') }} as lies_in
inner join {{ ref('stg_reference__areas') }} as areas on areas.area = lies_in.ancestor and areas.area_type = 'division'
order by lies_in.area, lies_in.steps

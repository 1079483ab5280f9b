-- int_areas__nearest: one row per area and kind of area that it lies in, itself among them, with the nearest area of that kind.
select distinct on (lies_in.area, areas.area_type) lies_in.area, areas.area_type, lies_in.ancestor as nearest
from {{ ref('int_areas__ancestor') }} as lies_in
inner join {{ ref('stg_reference__areas') }} as areas on areas.area = lies_in.ancestor
order by lies_in.area, areas.area_type, lies_in.steps

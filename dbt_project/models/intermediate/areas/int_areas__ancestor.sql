-- int_areas__ancestor: one row per area and area that it lies in, itself among them, with the steps up to it.
with recursive lies_in (area, ancestor, steps) as (
    select area, area, 0 from {{ ref('stg_reference__areas') }}
    union all
    select lies_in.area, areas.parent, lies_in.steps + 1
    from lies_in
    inner join {{ ref('stg_reference__areas') }} as areas on areas.area = lies_in.ancestor
    where areas.parent is not null and lies_in.steps < 10
)

select area, ancestor, min(steps) as steps from lies_in group by area, ancestor

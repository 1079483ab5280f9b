-- int_dip__top_item: one row per profile and item that it answers; yes is 1 and no is 0.
select top.review_ref, item.item, item.value
from {{ ref('stg_dip__top') }} as top
cross join lateral (
    values
    {%- for item in top_items() %}
    ('{{ item.name }}', top.{{ item.name }}{{ item.cast }}){{ ',' if not loop.last }}
    {%- endfor %}
) as item (item, value)
where item.value is not null

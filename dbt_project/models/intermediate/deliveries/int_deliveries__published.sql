-- int_deliveries__published: one row per feed and delivery that this build sees, with its business date.
select feed, sequence, business_date
from {{ source('audit', 'delivery') }}
where
    status = 'published'
    and (
        false
        {%- for feed, sequence in var('vintage').items() %}
        or (feed = '{{ feed }}' and sequence <= {{ sequence | int }})
        {%- endfor %}
    )

-- linkage_summary: one row per feed, with how many of its person records belong to a person whom another feed knows too.
{% set files = {'police': 'police_person', 'probation': 'probation_person', 'prison': 'prison_person', 'dip': 'dip_client', 'hub': 'hub_case'} %}
with delivered as (
    {%- for feed, file in files.items() %}
    select '{{ feed }}' as feed, count(*) as record_count from {{ source('raw', file) }} as person where {{ is_known(feed, 'person') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

linked as (
    {%- for feed in files %}
    select
        '{{ feed }}' as feed,
        coalesce(sum({{ feed }}_records), 0)::bigint as keyed_count,
        count(*) as person_count,
        coalesce(sum({{ feed }}_records) filter (where feed_count > 1), 0)::bigint as linked_count,
        count(*) filter (where feed_count > 1) as linked_person_count
    from {{ ref('int_people__person') }}
    where is_known_to_{{ feed }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    feed,
    record_count,
    keyed_count,
    person_count,
    linked_count,
    linked_person_count,
    linked_count::numeric / record_count as linked_share
from delivered
inner join linked using (feed)
where record_count > 0

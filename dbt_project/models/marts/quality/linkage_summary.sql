-- linkage_summary: one row per feed, with how many of its person records belong to a person whom another feed knows too.
with record as (
    {%- for feed, file, key in [
        ('police', 'police_person', 'police_ref'),
        ('probation', 'probation_person', 'crn'),
        ('prison', 'prison_person', 'prison_number'),
        ('dip', 'dip_client', 'client_ref'),
        ('hub', 'hub_case', 'case_ref'),
    ] %}
    select '{{ feed }}' as feed, link.person_key
    from {{ source('raw', file) }} as person
    {{ join_person(file, 'person.' ~ key) }}
    where {{ is_known(feed, 'person') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

known_to as (
    select person_key, count(distinct feed) as feed_count from record where person_key is not null group by person_key
),

counted as (
    select
        record.feed,
        count(*) as record_count,
        count(record.person_key) as keyed_count,
        count(distinct record.person_key) as person_count,
        count(*) filter (where known_to.feed_count > 1) as linked_count
    from record
    left join known_to using (person_key)
    group by record.feed
)

select
    feed,
    record_count,
    keyed_count,
    person_count,
    linked_count,
    linked_count::numeric / nullif(record_count, 0) as linked_share
from counted

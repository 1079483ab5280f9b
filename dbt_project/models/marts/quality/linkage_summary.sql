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

counted as (
    select
        record.feed,
        count(*) as record_count,
        count(record.person_key) as keyed_count,
        count(distinct record.person_key) as person_count,
        count(*) filter (where num_feeds.known_to > 1) as linked_count
    from record
    left join {{ ref('int_people__person') }} as person using (person_key)
    cross join lateral (
        select person.is_known_to_police::integer + person.is_known_to_probation::integer + person.is_known_to_prison::integer
            + person.is_known_to_dip::integer + person.is_known_to_hub::integer as known_to
    ) as num_feeds
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

-- int_people__recorded_district: one row per person, record that gives a district that areas.csv lists and version of it, with the days on which it was what was known.
-- The first delivery of a feed tells what was so before it as well, so known_from is empty; a version is known from the business date of its delivery on, until that of the
-- one that ended it. Both days are those of the version's own deliveries, so that they stay what they are whatever comes later.
{{ build_by_person() }}
with delivery as (
    select
        feed,
        sequence,
        case when sequence > min(sequence) over (partition by feed) then business_date end as known_on
    from {{ ref('int_deliveries__published') }}
)

{% for feed, file, key in [('hub', 'hub_case', 'case_ref'), ('probation', 'probation_person', 'crn')] %}
select
    link.person_key,
    {{ loop.index }} as trust,
    record.{{ key }} as record_key,
    record.opened_by_sequence,
    listed.area as district,
    opened.known_on as known_from,
    closed.known_on as known_before
from {{ source('raw', file) }} as record
inner join {{ ref('stg_reference__areas') }} as listed on listed.area = record.district
{{ join_person(file, 'record.' ~ key) }}
left join delivery as opened on opened.feed = '{{ feed }}' and opened.sequence = record.opened_by_sequence
left join delivery as closed on closed.feed = '{{ feed }}' and closed.sequence = {{ closed_by(feed, 'record') }}
where {{ was_known(feed, 'record') }} and link.person_key is not null and {{ has_changed('link.person_key') }}
{{ 'union all' if not loop.last }}
{% endfor %}

-- int_needs__at_release: one row per release, source and need that the source has looked at, with whether it is open.
-- Prison: a need found and not met at release, by the last assessment of it at any booking of the stay, one without a day as of the booking's
-- reception; while the release is still to come every need found is open. OASys and the hub: the assessment that
-- counts on the day found it. Drug services: an open episode assessed as needing intervention, and a positive alcohol screening within the
-- year before; they are joined with consent only. `any` joins the sources by pathway: open when one of them says so. Alcohol and drugs stand there
-- apart as well, of the sources that tell them apart, and together of all: together nobody is without the need of whom only one of them is known.
with release as (
    select person_key, booking_ref, kind, stay_from, release_on, needs_on, release_sort from {{ ref('int_needs__release') }}
),

prison as (
    select distinct on (release.person_key, release.booking_ref, release.kind, resettlement.pathway)
        release.*, 'prison' as source, resettlement.pathway, null as section,
        case
            when not resettlement.has_need then false
            when resettlement.met_at_release then false
            when not resettlement.met_at_release or release.kind = 'due' then true
        end as is_open
    from release
    inner join {{ ref('stg_prison__spell') }} as booking
        on booking.person_key = release.person_key
        and booking.received_on between release.stay_from and release.needs_on
        and (booking.released_on is null or booking.released_on between booking.received_on and release.needs_on)
    inner join {{ ref('stg_prison__resettlement') }} as resettlement on resettlement.booking_ref = booking.booking_ref
    cross join lateral (values (coalesce(resettlement.assessed_on, booking.received_on))) as found (found_on)
    where resettlement.has_need is not null and found.found_on <= release.needs_on
    order by
        release.person_key, release.booking_ref, release.kind, resettlement.pathway,
        found.found_on desc, booking.received_on desc, resettlement.booking_ref desc
),

oasys as (
    select release.*, 'oasys' as source, counting.pathway,
        case when counting.pathway = 4 then counting.section end as section,
        case when bool_or(counting.has_need) then true when bool_and(counting.has_need is not null) then false end as is_open
    from release
    inner join {{ ref('int_needs__section_counting') }} as counting
        on counting.person_key = release.person_key and {{ is_open_on('counting', 'release.needs_on') }}
    inner join {{ ref('int_needs__oasys_section') }} as section on section.section = counting.section and section.need_from is not null
    group by release.person_key, release.booking_ref, release.kind, release.stay_from, release.release_on, release.needs_on, release.release_sort,
        counting.pathway, case when counting.pathway = 4 then counting.section end
    having bool_or(counting.has_need) or bool_and(counting.has_need is not null)
),

hub as (
    select release.*, 'hub' as source, counting.pathway, null as section, counting.has_need as is_open
    from release
    inner join {{ ref('int_needs__counting') }} as counting
        on counting.person_key = release.person_key and counting.instrument = 'hub' and {{ is_open_on('counting', 'release.needs_on') }}
),

dip_drugs as (
    select release.*, 'dip' as source, 4 as pathway, 'drugs' as section, bool_or(episode.needs_intervention) as is_open
    from release
    inner join {{ ref('stg_dip__episode') }} as episode on episode.person_key = release.person_key
    inner join {{ ref('int_dip__consent') }} as consent on consent.client_ref = episode.client_ref and consent.has_consent
    where
        episode.needs_intervention is not null
        and episode.assessed_on <= release.needs_on
        and (episode.closed_on is null or episode.closed_on > release.needs_on)
    group by release.person_key, release.booking_ref, release.kind, release.stay_from, release.release_on, release.needs_on, release.release_sort
),

dip_alcohol as (
    select distinct on (release.person_key, release.booking_ref, release.kind)
        release.*, 'dip' as source, 4 as pathway, 'alcohol' as section, screening.is_positive as is_open
    from release
    inner join {{ ref('int_dip__screening') }} as screening on screening.person_key = release.person_key
    inner join {{ ref('int_dip__consent') }} as consent on consent.client_ref = screening.client_ref and consent.has_consent
    where
        screening.is_positive is not null
        and screening.screened_on <= release.needs_on
        and screening.screened_on > {{ months_after('release.needs_on', -12) }}
    order by release.person_key, release.booking_ref, release.kind, screening.screened_on desc, screening.is_positive desc
),

found as (
    {%- for source in ('prison', 'oasys', 'hub', 'dip_drugs', 'dip_alcohol') %}
    select * from {{ source }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select person_key, booking_ref, kind, release_sort, source, coalesce(section, need.need) as need, is_open
from found
inner join {{ ref('int_needs__need') }} as need on need.pathway = found.pathway and need.is_pathway

union all

select person_key, booking_ref, kind, release_sort, 'any', need.need,
    case when bool_or(is_open) then true when bool_and(is_open is not null) then false end
from found
inner join {{ ref('int_needs__need') }} as need on need.pathway = found.pathway and need.is_pathway
group by person_key, booking_ref, kind, release_sort, need.need
having bool_or(is_open) or bool_or(section is null) or count(distinct section) = 2

union all

select person_key, booking_ref, kind, release_sort, 'any', section,
    case when bool_or(is_open) then true when bool_and(is_open is not null) then false end
from found
where section is not null
group by person_key, booking_ref, kind, release_sort, section

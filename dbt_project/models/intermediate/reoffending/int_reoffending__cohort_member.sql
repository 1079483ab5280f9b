-- int_reoffending__cohort_member: one row per cohort version, person and day of entry, with attributes frozen on that day.
-- Whoever does not fit the cohort's conditions on the person is not in the cohort, which is not the same as being excluded from a measure.
-- is_told is false where membership of the cohort would say that somebody is a client of drug services, without consent in force. So one membership
-- that may be told must alone have put the person here: open that day, with the scheme and the strand that the cohort asks for, and the one that was
-- joined, where joining is the event. Where the cohort asks for neither, any other event did, or an order. Its areas, too, must be those of such memberships.
{{ build_by_person() }}
select
    entry.cohort_id,
    entry.cohort_version,
    entry.person_key,
    entry.index_on,
    entry.index_event,
    entry.index_ref,
    person.age,
    {{ age_band('person.age') }} as age_band,
    person.sex,
    person.division,
    person.district,
    person.shown_division,
    person.shown_district,
    coalesce(person.schemes, '{}') as schemes,
    array_to_string(person.shown_strands, ';') as shown_strand,
    person.statutory_status,
    person.is_in_troubled_family,
    person.is_in_custody,
    person.released_on,
    person.died_on,
    person.is_known_to_police,
    consenting.person_key is not null as has_consent,
    consenting.person_key is not null
    or (
        entry.index_event is distinct from 'dip_episode'
        and {{ lies_in_areas_of('cohort', 'person.shown_district', 'person.shown_division') }}
        and (
            exists (
                select from {{ ref('int_schemes__told') }} as membership
                where membership.person_key = entry.person_key
                    and {{ is_open_on('membership', 'entry.index_on') }}
                    and {{ takes_scheme('cohort', 'membership.scheme') }}
                    and (cohort.strand is null or membership.strand = cohort.strand)
                    and (entry.index_event is distinct from 'joined' or membership.membership_ref = entry.index_ref)
            )
            or (
                cohort.schemes is null
                and cohort.strand is null
                and coalesce(entry.index_event <> 'joined', cohort.order_types is not null)
            )
        )
    ) as is_told
from {{ ref('int_reoffending__cohort_entry') }} as entry
inner join {{ ref('stg_reference__cohorts') }} as cohort
    on cohort.cohort_id = entry.cohort_id and cohort.version = entry.cohort_version
inner join {{ ref('int_reoffending__on_the_day') }} as person
    on person.person_key = entry.person_key and person.index_on = entry.index_on
left join {{ ref('int_dip__consenting') }} as consenting on consenting.person_key = entry.person_key
where
    {{ has_changed('entry.person_key') }}
    and {{ fits_cohort('cohort', 'person') }}
    and (cohort.kind = 'static' or cohort.schemes is null or person.schemes && cohort.schemes)
    and (
        cohort.kind = 'static'
        or cohort.strand is null
        or case when cohort.schemes is null then cohort.strand = any(person.strands)
            else exists (
                select from unnest(cohort.schemes) as asked (scheme) where asked.scheme || ' ' || cohort.strand = any(person.strands_of_schemes)
            )
        end
    )
    and (
        cohort.kind = 'index'
        or cohort.max_sentence_days is null
        or {{ last_sentence_days('entry.person_key', 'entry.index_on') }} <= cohort.max_sentence_days
    )

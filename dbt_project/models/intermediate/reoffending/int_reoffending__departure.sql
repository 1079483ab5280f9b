-- int_reoffending__departure: one row per cohort version, person and day of entry of whoever died, moved away or came off the schemes since.
-- All stay in the cohort: a list that is frozen stays as it was. The days say in whose follow-up it happened; what is planned has not happened.
-- Of the schemes: those by which people come into the cohort, for people who were on one of them on the day of entry. Who came off
-- one and was on another that day has not left. Moved away is what the hub gives as the reason, or a handover to an area outside.
{{ build_by_person() }}
with member as (
    select
        member.cohort_id, member.cohort_version, member.person_key, member.index_on, member.died_on,
        exists (select from unnest(member.schemes) as held (scheme) where {{ takes_scheme('cohort', 'held.scheme') }}) as was_on_scheme,
        cohort.schemes,
        cohort.troubled_family
    from {{ ref('int_reoffending__cohort_member') }} as member
    inner join {{ ref('stg_reference__cohorts') }} as cohort on cohort.cohort_id = member.cohort_id and cohort.version = member.cohort_version
    where {{ has_changed('member.person_key') }}
),

on_scheme as (
    select member.cohort_id, member.cohort_version, member.index_on, membership.*
    from member
    inner join {{ ref('int_schemes__membership') }} as membership
        on membership.person_key = member.person_key
        and {{ takes_scheme('member', 'membership.scheme') }}
        and (membership.valid_to is null or (membership.valid_to > member.index_on and membership.valid_to > membership.valid_from))
    where member.was_on_scheme
),

departure as (
    select cohort_id, cohort_version, person_key, index_on, died_on as departed_on, 'died' as reason
    from member
    where died_on >= index_on

    union all

    select ended.cohort_id, ended.cohort_version, ended.person_key, ended.index_on, ended.valid_to, coalesce(ended.end_reason, 'other')
    from on_scheme as ended
    where
        ended.valid_to is not null
        and not exists (
            select from on_scheme as other
            where other.cohort_id = ended.cohort_id
                and other.cohort_version = ended.cohort_version
                and other.person_key = ended.person_key
                and other.index_on = ended.index_on
                and {{ is_open_on('other', 'ended.valid_to') }}
        )

    union all

    select on_scheme.cohort_id, on_scheme.cohort_version, on_scheme.person_key, on_scheme.index_on, placement.valid_from, 'moved'
    from on_scheme
    inner join {{ ref('int_schemes__placement') }} as placement
        on placement.person_key = on_scheme.person_key
        and placement.membership_ref = on_scheme.membership_ref
        and placement.valid_from > on_scheme.index_on
    inner join {{ ref('stg_reference__areas') }} as areas on areas.area = placement.district and areas.area_type = 'outside'
)

select
    cohort_id, cohort_version, person_key, index_on,
    min(departed_on) filter (where reason = 'died') as died_on,
    min(departed_on) filter (where reason = 'moved') as moved_on,
    min(departed_on) filter (where reason not in ('died', 'moved')) as deselected_on
from departure
where departed_on <= {{ today() }}
group by cohort_id, cohort_version, person_key, index_on

-- cohort_member: one row per cohort version, person and day of entry, with attributes frozen on that day.
-- Where that would say that somebody is a client of drug services it is left out without consent in force today; counts of the cohort have them all.
{{ build_by_person() }}
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
select
    member.cohort_id,
    member.cohort_version,
    member.person_key,
    member.index_on,
    member.index_event,
    member.age,
    member.age_band,
    member.sex,
    member.shown_division as division,
    member.shown_district as district,
    array_to_string(case when member.has_consent then member.schemes else array_remove(member.schemes, 'DIP') end, ';') as schemes,
    member.shown_strand as strand,
    member.statutory_status,
    member.is_in_troubled_family,
    member.is_in_custody,
    member.is_known_to_police,
    case when member.index_event is null then changed.person_key is not null end as is_listed_later
from {{ ref('int_reoffending__cohort_member') }} as member
left join {{ ref('int_reoffending__list_change') }} as changed
    on changed.cohort_id = member.cohort_id
    and changed.cohort_version = member.cohort_version
    and changed.person_key = member.person_key
    and changed.is_listed_later
where member.is_told and {{ has_changed('member.person_key') }}

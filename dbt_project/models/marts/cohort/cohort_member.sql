-- cohort_member: one row per cohort version, person and day of entry, with attributes frozen on that day.
-- Where that would say that somebody is a client of drug services it is left out without consent in force today; counts of the cohort have them all.
{{ build_by_person() }}
{{ config(post_hook="{{ limit_to_own_areas() }}") }}
select
    cohort_id,
    cohort_version,
    person_key,
    index_on,
    index_event,
    age,
    age_band,
    sex,
    division,
    district,
    array_to_string(case when has_consent then schemes else array_remove(schemes, 'DIP') end, ';') as schemes,
    strand,
    statutory_status,
    is_in_troubled_family,
    is_in_custody,
    is_known_to_police
from {{ ref('int_reoffending__cohort_member') }}
where is_told and {{ has_changed() }}

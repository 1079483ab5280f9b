-- int_needs__progress: one row per person, instrument, pathway, section and stretch of days on which the same two assessments are first and latest.
-- The first is the first ever made of the topic with the instrument, the latest the last made by then, however old: progress is not a state
-- of the day. Where only one was made, assessment_count is 1 and the two are one.
{{ build_by_person() }}
select
    person_key,
    instrument,
    pathway,
    section,
    first_value(instrument_version) over so_far as first_version,
    first_value(assessed_on) over so_far as first_on,
    first_value(has_need) over so_far as first_has_need,
    first_value(score) over so_far as first_score,
    instrument_version as latest_version,
    assessed_on as latest_on,
    has_need as latest_has_need,
    score as latest_score,
    row_number() over so_far as assessment_count,
    assessed_on as valid_from,
    lead(assessed_on) over so_far as valid_to
from {{ ref('int_needs__measured') }}
window so_far as (partition by person_key, instrument, pathway, section order by assessed_on)

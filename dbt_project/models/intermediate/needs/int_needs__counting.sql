-- int_needs__counting: one row per person, instrument, pathway and stretch of days on which one assessment is the one that counts.
-- The rule for every figure about needs: on a day counts the last assessment made by then. The hub's stands until the next; OASys stands for
-- 55 weeks at most, the last day included. A newer one counts whatever it says: where it left a pathway open, the older one does not return.
{{ build_by_person() }}
with one_a_day as (
    select distinct on (person_key, instrument, pathway, assessed_on) *
    from {{ ref('int_needs__assessment') }}
    where {{ has_changed() }}
    order by person_key, instrument, pathway, assessed_on, says_more desc, assessment_ref desc
)

select
    person_key,
    instrument,
    instrument_version,
    pathway,
    assessment_ref,
    is_assessed,
    has_need,
    assessed_on as valid_from,
    least(
        lead(assessed_on) over (partition by person_key, instrument, pathway order by assessed_on),
        case when instrument = 'oasys' then assessed_on + needs.oasys_days() + 1 end
    ) as valid_to
from one_a_day

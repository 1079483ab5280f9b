-- int_reoffending__cohort_entry: one row per cohort version, person and day of entry, before conditions on the person.
-- A static cohort takes the members of its schemes on the day it was frozen, or the people on an open order of its kinds, whatever became of
-- them later; an index cohort its index events.
{{ build_by_person() }}
select distinct
    cohort.cohort_id,
    cohort.version as cohort_version,
    membership.person_key,
    cohort.frozen_on as index_on,
    null as index_event,
    null as index_ref
from {{ ref('stg_reference__cohorts') }} as cohort
inner join {{ ref('int_schemes__membership') }} as membership
    on {{ is_on_list('cohort', 'membership') }}
where cohort.kind = 'static' and cohort.frozen_on <= {{ today() }} and {{ has_changed('membership.person_key') }}

union

select cohort.cohort_id, cohort.version, supervised.person_key, cohort.frozen_on, null, null
from {{ ref('stg_reference__cohorts') }} as cohort
inner join {{ ref('stg_probation__order') }} as supervised
    on {{ is_on_list_by_order('cohort', 'supervised') }}
where
    cohort.kind = 'static'
    and cohort.frozen_on <= {{ today() }}
    and supervised.person_key is not null
    and {{ has_changed('supervised.person_key') }}

union all

select cohort_id, cohort_version, person_key, index_on, index_event, index_ref
from {{ ref('int_reoffending__index_events') }}
where {{ has_changed() }}

-- int_changes__awaited: one row per person and day to come on which something on record begins to count.
-- What is dated after the business date, or was known after the last delivery of its feed, counts for nothing yet. A build of that day or a
-- later one makes the rows of these people again, though nothing new was delivered about them.
{{ build_by_person() }}
with reach as (
    select event_kind, min(data_cut) as data_cut from {{ ref('int_reoffending__measure') }} group by event_kind
),

dated as (
    select person_key, starts_on as day from {{ ref('stg_probation__order') }} where {{ has_changed() }}
    union all
    select person_key, completed_on from {{ ref('stg_probation__assessment') }} where {{ has_changed() }}
    union all
    select person_key, assessed_on from {{ ref('stg_hub__need') }} where {{ has_changed() }}
    union all
    select person_key, coalesce(caseload_on, treatment_on, assessed_on, referred_on) from {{ ref('stg_dip__episode') }} where {{ has_changed() }}
    union all
    select person_key, consent_on from {{ ref('stg_dip__client') }} where {{ has_changed() }}
    union all
    select person_key, unnest(array[valid_from, valid_to]) from {{ ref('int_schemes__membership') }} where {{ has_changed() }}
    union all
    select person_key, valid_from from {{ ref('int_schemes__placement') }} where {{ has_changed() }}
    union all
    select person_key, unnest(array[valid_from, valid_to]) from {{ ref('int_custody__spell') }} where {{ has_changed() }}
    union all
    select person_key, sanctioned_on from {{ ref('int_risk__sanction') }} where {{ has_changed() }}
    union all
    select person_key, scored_on from {{ ref('stg_probation__score') }} where {{ has_changed() }}
    union all
    select person_key, died_on from {{ ref('int_people__person') }} where {{ has_changed() }}
    union all
    select supervised.person_key, quarter_end.day  -- of a snapshot of the caseload
    from {{ ref('stg_probation__order') }} as supervised
    cross join lateral (select (date_trunc('quarter', {{ today() }} + 1) + interval '3 months')::date - 1 as day) as quarter_end
    where
        (supervised.ended_on is null or supervised.ended_on > quarter_end.day)
        and exists (select from {{ ref('stg_reference__cohorts') }} where 'quarter_end_order' = any(index_event))
        and {{ has_changed('supervised.person_key') }}
)

select person_key, day from dated where person_key is not null and day > {{ today() }}
union
select event.person_key, event.known_on
from {{ ref('int_offences__event') }} as event
left join reach using (event_kind)
where event.known_on > coalesce(reach.data_cut, {{ today() }}) and {{ has_changed('event.person_key') }}
union
select suspect.person_key, crime.recorded_on  -- in the small hours of the night after the last delivery
from {{ ref('int_offences__detected_crime') }} as suspect
inner join {{ ref('stg_police__crime') }} as crime using (crime_ref)
where crime.recorded_on > {{ data_cut('police') }} and {{ has_changed('suspect.person_key') }}

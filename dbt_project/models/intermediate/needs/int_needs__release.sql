-- int_needs__release: one row per person and end of a stay in custody: one that has come, or one that is to come within 90 days.
-- Needs of somebody released are those of the day of release; of somebody to be released, those of the business date. A date that has moved
-- counts as it stands now; one that has passed without a release is neither. The sentence of somebody on recall counts too; one without
-- a length is for life, or nobody said how long.
-- A death in custody is no release. Releases that have come are counted in the quarter of the day of release; those to come in one period, from the business date on.
{% set due_days = 90 %}
with planned as (  -- of several bookings that are open the one that ends last counts, as in the calendar of releases
    select distinct on (spell.person_key)
        spell.person_key, spell.booking_ref, plan.planned_on, spell.custody_type, spell.sentence_days, spell.home_district
    from {{ ref('int_custody__release_plan') }} as plan
    inner join {{ ref('stg_prison__spell') }} as spell using (booking_ref)
    where spell.received_on is not null and plan.planned_on is not null
    order by spell.person_key, plan.planned_on desc, spell.booking_ref
),

leaving as (
    select person_key, last_booking_ref as booking_ref, 'released' as kind, valid_from as stay_from, valid_to as release_on, valid_to as needs_on,
        last_custody_type as custody_type, last_sentence_days as sentence_days, home_district
    from {{ ref('int_custody__spell') }}
    where valid_to <= {{ today() }}

    union all

    select planned.person_key, planned.booking_ref, 'due', stay.valid_from, planned.planned_on, {{ today() }},
        planned.custody_type, planned.sentence_days, planned.home_district
    from planned
    inner join {{ ref('int_custody__spell') }} as stay on stay.person_key = planned.person_key and stay.valid_to is null
    where planned.planned_on between {{ today() }} and {{ today() }} + {{ due_days }}
),

described as (
    select
        leaving.person_key,
        leaving.booking_ref,
        leaving.kind,
        leaving.stay_from,
        leaving.release_on,
        leaving.needs_on,
        case leaving.kind when 'released' then date_trunc('quarter', leaving.release_on)::date else {{ today() }} end as period_start,
        case
            when {{ is_short_sentence('leaving') }} then 'under_12_months'
            when leaving.custody_type not in ('sentenced', 'recall') or leaving.custody_type is null then 'no_sentence'
            when leaving.sentence_days is null then 'without_a_length'
            else '12_months_and_over'
        end as sentence_length,
        coalesce(leaving.home_district, 'unknown') as home_district,
        coalesce(booking.accommodation_on_release, 'unknown') as accommodation,
        person.sex,
        managed.person_key is not null as is_managed
    from leaving
    inner join {{ ref('stg_prison__spell') }} as booking using (booking_ref)
    inner join {{ ref('int_people__person') }} as person on person.person_key = leaving.person_key
    left join {{ ref('int_caseload__spell') }} as managed
        on managed.person_key = leaving.person_key
        and managed.scheme = 'any'
        and managed.area_level = 'all'
        and {{ is_open_on('managed', 'leaving.needs_on') }}
    where person.died_on is null or person.died_on > leaving.needs_on
)

-- What releases have in common that are counted in the same groups, as one text: the planner misjudges a join by six columns.
select *, row(kind, period_start, is_managed, sentence_length, home_district, sex)::text as release_sort
from described

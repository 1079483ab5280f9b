-- int_supervision__statutory_status: one row per person and stretch of days with one status, from the first order or reception on.
-- STATUTORY on every day of an open order or licence, else CUSTODY on every day in prison, else NON_STATUTORY. Only dates on which
-- something began or ended count, never the length of a sentence. Before the first stretch, and without one, a person is NON_STATUTORY.
{{ build_by_person() }}
with supervised as (
    select person_key, range_agg(daterange(starts_on, ended_on)) as days
    from {{ ref('stg_probation__order') }}
    where person_key is not null and starts_on <= {{ today() }} and (ended_on is null or ended_on >= starts_on) and {{ has_changed() }}
    group by person_key
),

held as (
    select person_key, range_agg(daterange(valid_from, valid_to)) as days
    from {{ ref('int_custody__spell') }}
    where {{ has_changed() }}
    group by person_key
),

person as (
    select
        person_key,
        coalesce(supervised.days, '{}'::datemultirange) as supervised_days,
        coalesce(held.days, '{}'::datemultirange) as held_days
    from supervised
    full join held using (person_key)
),

split as (
    select person_key, 'STATUTORY' as status, supervised_days as days from person
    union all
    select person_key, 'CUSTODY', held_days - supervised_days from person
    union all
    select person_key, 'NON_STATUTORY', datemultirange(daterange(lower(supervised_days + held_days), null)) - supervised_days - held_days
    from person
)

select person_key, status, lower(stretch) as valid_from, upper(stretch) as valid_to
from split, unnest(days) as stretch

-- int_reoffending__list_change: one row per static cohort version and person whom later deliveries put on its list, or took off it.
-- The list is made of memberships and orders, and of families where the cohort asks for them.
-- A list follows the records, so that a mistake in them can be put right; who would not be counted, or would be, by what was known when it was
-- frozen is told here. Known was the last delivery up to that day, or the first one where the agency delivered only later.
-- Whoever was taken off is here if otherwise fit for the cohort, in the district that the row of then says, else the case records of then.
{{ build_by_person() }}
with known as (
    select
        cohort.cohort_id,
        cohort.version,
        delivery.feed,
        coalesce(max(delivery.sequence) filter (where delivery.business_date <= cohort.frozen_on), min(delivery.sequence)) as sequence
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join {{ ref('int_deliveries__published') }} as delivery on delivery.feed in ('hub', 'probation')
    where cohort.kind = 'static' and cohort.frozen_on <= {{ today() }}
    group by cohort.cohort_id, cohort.version, delivery.feed
),

membership as (  -- every version that there ever was
    select
        link.person_key, membership.scheme, membership.strand, membership.starts_on as valid_from, membership.ends_on as valid_to,
        membership.division, membership.district, membership.opened_by_sequence, membership.closed_by_sequence
    from {{ source('raw', 'hub_membership') }} as membership
    {{ join_person('hub_case', 'membership.case_ref') }}
    where {{ was_known('hub', 'membership') }} and link.person_key is not null and {{ has_changed('link.person_key') }}
    union all
    select
        link.person_key, 'TF', null, family.starts_on, family.ends_on, null, null, family.opened_by_sequence, family.closed_by_sequence
    from {{ source('raw', 'hub_family') }} as family
    {{ join_person('hub_case', 'family.case_ref') }}
    where {{ was_known('hub', 'family') }} and link.person_key is not null and {{ has_changed('link.person_key') }}
),

supervised as (
    select
        link.person_key, probation_order.order_type, probation_order.starts_on, probation_order.ended_on,
        probation_order.opened_by_sequence, probation_order.closed_by_sequence
    from {{ source('raw', 'probation_order') }} as probation_order
    {{ join_person('probation_person', 'probation_order.crn') }}
    where {{ was_known('probation', 'probation_order') }} and link.person_key is not null and {{ has_changed('link.person_key') }}
),

family_then as (
    select cohort.cohort_id, cohort.version, membership.person_key
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join known on known.cohort_id = cohort.cohort_id and known.version = cohort.version and known.feed = 'hub'
    inner join membership on membership.scheme = 'TF' and {{ is_open_on('membership', 'cohort.frozen_on') }}
        and {{ was_current_at('known.sequence', 'membership') }}
),

listed_then as (
    select cohort.cohort_id, cohort.version, membership.person_key, membership.division, membership.district
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join known on known.cohort_id = cohort.cohort_id and known.version = cohort.version and known.feed = 'hub'
    inner join membership on {{ is_on_list('cohort', 'membership') }} and {{ was_current_at('known.sequence', 'membership') }}
    union all
    select cohort.cohort_id, cohort.version, supervised.person_key, null, null
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join known on known.cohort_id = cohort.cohort_id and known.version = cohort.version and known.feed = 'probation'
    inner join supervised on {{ is_on_list_by_order('cohort', 'supervised') }} and {{ was_current_at('known.sequence', 'supervised') }}
),

fit_then as (
    select listed_then.*, cohort.frozen_on, cohort.troubled_family
    from listed_then
    inner join {{ ref('stg_reference__cohorts') }} as cohort using (cohort_id, version)
    where cohort.troubled_family is null or cohort.troubled_family = (
        (listed_then.cohort_id, listed_then.version, listed_then.person_key) in (select cohort_id, version, person_key from family_then)
    )
),

fit_now as (
    select entry.cohort_id, entry.cohort_version as version, entry.person_key
    from {{ ref('int_reoffending__cohort_entry') }} as entry
    inner join {{ ref('stg_reference__cohorts') }} as cohort on cohort.cohort_id = entry.cohort_id and cohort.version = entry.cohort_version
    where
        cohort.kind = 'static'
        and {{ has_changed('entry.person_key') }}
        and (cohort.troubled_family is null or cohort.troubled_family = exists (
            select from {{ ref('int_schemes__membership') }} as membership
            where membership.person_key = entry.person_key
                and membership.scheme = 'TF'
                and {{ is_open_on('membership', 'entry.index_on') }}
        ))
),

compared as (  -- by a window: the planner takes these for a few rows, and would compare each with each
    select
        either.*,
        bool_or(is_of_now) over list as is_on_it_now,
        bool_or(not is_of_now) over list as was_on_it
    from (
        select fit_then.*, false as is_of_now from fit_then
        union all
        select cohort_id, version, person_key, null, null, null, null, true from fit_now
    ) as either
    window list as (partition by cohort_id, version, person_key)
),

placed as (
    select
        cohort_id, version, person_key, frozen_on, troubled_family, division,
        coalesce(district, {{ district_known_on('compared.person_key', 'compared.frozen_on') }}) as district
    from compared
    where not is_on_it_now
),

gone as (
    select
        compared.cohort_id,
        compared.version,
        compared.person_key,
        {{ age_on('compared.frozen_on', 'person.born_on') }} as age,
        person.sex,
        coalesce(status.status, 'NON_STATUTORY') as statutory_status,
        compared.troubled_family as is_in_troubled_family,
        compared.district,
        coalesce(compared.division, lies_in.division) as division
    from placed as compared
    inner join {{ ref('int_people__person') }} as person using (person_key)
    left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = compared.district
    left join {{ ref('int_supervision__statutory_status') }} as status
        on status.person_key = compared.person_key
        and {{ is_open_on('status', 'compared.frozen_on') }}
)

select cohort_id, version as cohort_version, person_key, true as is_listed_later
from compared
where not was_on_it

union

select gone.cohort_id, gone.version, gone.person_key, false
from gone
inner join {{ ref('stg_reference__cohorts') }} as cohort using (cohort_id, version)
where
    {{ fits_cohort('cohort', 'gone') }}
    and (cohort.max_sentence_days is null or {{ last_sentence_days('gone.person_key', 'cohort.frozen_on') }} <= cohort.max_sentence_days)

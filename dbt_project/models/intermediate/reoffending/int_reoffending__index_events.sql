-- int_reoffending__index_events: one row per version of an index cohort and person, or per person and quarter, or per person and day, where
-- the cohort takes the first event of each quarter, or every event. The first qualifying event in the cohort's window. On one day a release comes
-- before a court disposal before a caution, and what only drug services may know comes last, so that it hides nothing that may be told.
-- A stay in which the person died, or on whose last day, is no release. One that began after the recorded death is: the death cannot be right, and
-- the person is left out of measures with the reason for it, instead of nowhere. Joining is the first day of an unbroken stay on a scheme, or on the
-- strand of it that the cohort asks for: memberships that overlap or touch are one stay, and one of no day is none.
{{ build_by_person() }}
with taken as (
    select
        cohort.cohort_id, cohort.version, membership.membership_ref,
        coalesce(membership.valid_from > max(coalesce(membership.valid_to, 'infinity')) over (
            partition by cohort.cohort_id, cohort.version, membership.person_key, membership.scheme
            order by membership.valid_from, membership.membership_ref rows between unbounded preceding and 1 preceding
        ), true) as is_joining
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join {{ ref('int_schemes__membership') }} as membership
        on {{ takes_scheme('cohort', 'membership.scheme') }}
        and (cohort.strand is null or membership.strand = cohort.strand)
    where
        cohort.kind = 'index'
        and 'joined' = any(cohort.index_event)
        and membership.valid_from is distinct from membership.valid_to
        and {{ has_changed('membership.person_key') }}
),

candidate as (
    select stay.person_key, 'release' as index_event, 1 as precedence, stay.valid_to as index_on, stay.last_booking_ref as index_ref,
        stay.last_custody_type as custody_type, null as order_type, stay.last_sentence_days as sentence_days
    from {{ ref('int_custody__spell') }} as stay
    inner join {{ ref('int_people__person') }} as person using (person_key)
    where stay.valid_to is not null
        and coalesce(person.died_on not between stay.valid_from and stay.valid_to, true)
        and {{ has_changed('stay.person_key') }}
    union all
    select person_key, 'sentence', 2, proved_on, min(coalesce(occasion_ref, conviction_ref)), null, null, null
    from {{ ref('int_offences__proven_offence') }}
    where is_court and {{ has_changed() }}
    group by person_key, proved_on
    having not bool_or(coalesce(disposal, '') = 'custody')  -- a sentence of custody is at risk from its release
    union all
    select person_key, 'order_start', 2, starts_on, order_ref, null, order_type, sentence_days
    from {{ ref('stg_probation__order') }}
    where {{ has_changed() }}
    union all
    select person_key, 'caution', 3, proved_on, conviction_ref, null, null, null
    from {{ ref('int_offences__proven_offence') }}
    where not is_court and {{ has_changed() }}
    union all
    select person_key, 'joined', case when scheme = 'DIP' then 5 else 4 end, valid_from, membership_ref, null, null, null
    from {{ ref('int_schemes__membership') }}
    where {{ has_changed() }}
    union all
    select person_key, 'dip_episode', 5, coalesce(caseload_on, treatment_on, assessed_on, referred_on), episode_ref, null, null, null
    from {{ ref('stg_dip__episode') }}
    where {{ has_changed() }}
    union all
    select person_key, 'assessment', 4, completed_on, assessment_ref, null, null, null
    from {{ ref('stg_probation__assessment') }}
    where status = 'complete' and {{ has_changed() }}
    union all
    select person_key, 'quarter_end_order', 4, quarter_end.day, order_ref, null, order_type, sentence_days
    from {{ ref('stg_probation__order') }}
    cross join lateral (
        select (month + interval '3 months')::date - 1 as day
        from generate_series(date_trunc('quarter', starts_on), least(ended_on, {{ today() }}), interval '3 months') as month
    ) as quarter_end
    where (ended_on is null or ended_on > quarter_end.day) and {{ has_changed() }}
),

qualifying as (
    select
        cohort.cohort_id,
        cohort.version as cohort_version,
        candidate.*,
        row_number() over (
            partition by
                cohort.cohort_id, cohort.version, candidate.person_key,
                case cohort.pick when 'every' then candidate.index_on when 'first_of_quarter' then date_trunc('quarter', candidate.index_on) end
            order by candidate.index_on, candidate.precedence, candidate.index_ref
        ) as place
    from {{ ref('stg_reference__cohorts') }} as cohort
    inner join candidate
        on candidate.index_event = any(cohort.index_event)
        and candidate.index_on between coalesce(cohort.index_from, '-infinity') and least(cohort.index_to, {{ today() }})
        and (cohort.custody_types is null or candidate.index_event <> 'release' or candidate.custody_type = any(cohort.custody_types))
        and (
            cohort.order_types is null
            or candidate.index_event not in ('order_start', 'quarter_end_order')
            or candidate.order_type = any(cohort.order_types)
        )
        and (
            cohort.max_sentence_days is null
            or candidate.index_event not in ('release', 'order_start', 'quarter_end_order')
            or candidate.sentence_days <= cohort.max_sentence_days
        )
    left join taken
        on candidate.index_event = 'joined'
        and taken.cohort_id = cohort.cohort_id
        and taken.version = cohort.version
        and taken.membership_ref = candidate.index_ref
    where cohort.kind = 'index' and candidate.person_key is not null and (candidate.index_event <> 'joined' or taken.is_joining)
)

select cohort_id, cohort_version, person_key, index_on, index_event, index_ref
from qualifying
where place = 1

-- input_anomaly: one row per kind of input that models leave out or read in a stated way, with how often it occurs.
select listed.anomaly, listed.treatment, coalesce(sum(found.row_count), 0)::bigint as row_count
from (
    values
    ('custody_booking_reversed', 'left out: released before it was received'),
    ('membership_reversed', 'left out: ended before it began'),
    ('memberships_in_two_districts_at_once', 'counted in both: the hub''s rows say so, and no transfer'),
    ('offence_without_date', 'counted by the day it became known only'),
    ('event_after_death', 'counted; days at risk end at death'),
    ('event_before_age_of_ten', 'counted; a birth date or an event date is wrong'),
    ('service_referral_without_date', 'left out unless it started; then counted by the days of start and end, and in no quarter or year of referral')
) as listed (anomaly, treatment)
left join {{ ref('int_quality__anomaly') }} as found using (anomaly)
group by listed.anomaly, listed.treatment

union all

select 'planned_release_passed', 'in the release calendar as passed for a week, then left out until the prison gives a new day or the release', count(*)
from {{ ref('int_custody__release_plan') }}
where planned_on < {{ data_cut('prison') }}

union all

select 'on_caseload_after_death', 'counted on the caseload until the hub ends the membership', coalesce(max(n_died), 0)
from {{ ref('died_on_caseload') }}
where area_level = 'all'

union all

select
    'offence_code_not_listed', 'counted in the sets whose patterns fit; offences.csv lacks the code, and with it the group that OGRS3 asks for', count(*)
from (
    select distinct offence_code
    from {{ ref('int_offences__occurring') }}
    where
        offence_code not in (select offence_code from {{ ref('stg_reference__offences') }})
        and exists (select from {{ ref('stg_reference__offences') }})  -- a partnership may keep no list
) as unlisted
inner join lateral (  -- found by the index, a code at a time
    select from {{ ref('int_offences__event') }} as event
    where coalesce(event.offence_code, '') = unlisted.offence_code and event.event_kind in ('arrest', 'charge', 'detected_crime', 'proven_offence')
    offset 0
) as event on true

-- scheme_flag_at_charge: one row per quarter, scheme (and either) and district (and all) with charges of its members, and how many were flagged.
-- Whether a person was a member, and of which district, is asked of the day of the charge, so the hub must have told of the quarter too. A file that does not say is neither flagged nor not.
-- What is charged on one day under two police references of a person is one charge, as it is for measures, flagged if either file says so.
with member as (
    select distinct person_key from {{ ref('int_schemes__placement') }} where scheme in ('PPO', 'IOM')
),

told_again as (
    {{ charges_told_again('arrest.person_key in (select person_key from member)') }}
),

filed as (
    select
        person_key, charged_on, min(charge_ref) as charge_ref, bool_or(scheme_flagged) as scheme_flagged
    from {{ ref('stg_police__charge') }}
    left join told_again using (charge_ref)
    where person_key in (select person_key from member)
    group by person_key, {{ charge_counted_as() }}, offence_code, offence_on, charged_on
),

charge as (
    select distinct
        charge.charge_ref, charge.person_key, charge.scheme_flagged,
        date_trunc('quarter', charge.charged_on)::date as period_start,
        listed.scheme, place.area_level, place.area
    from filed as charge
    inner join {{ ref('int_schemes__placement') }} as membership
        on membership.person_key = charge.person_key
        and membership.scheme in ('PPO', 'IOM')
        and {{ is_open_on('membership', 'charge.charged_on') }}
    cross join lateral (values (membership.scheme), ('PPO or IOM')) as listed (scheme)
    cross join lateral (values ('all', 'all'), ('district', coalesce(membership.district, 'unknown'))) as place (area_level, area)
),

counted as (
    select
        period_start, scheme, area_level, area,
        count(*) as n_charges,
        count(distinct person_key) as n_people,
        count(*) filter (where scheme_flagged) as n_flagged,
        count(*) filter (where scheme_flagged is null) as n_not_said
    from charge
    group by period_start, scheme, area_level, area
)

select
    counted.period_start,
    {{ months_after('counted.period_start', '3') }} - 1 as period_end,
    counted.scheme, counted.area_level, counted.area,
    counted.n_charges, counted.n_people, counted.n_flagged, counted.n_not_said,
    counted.n_flagged::numeric / nullif(counted.n_charges - counted.n_not_said, 0) as share_flagged,
    proportion.low as ci_low,
    proportion.high as ci_high,
    coalesce({{ months_after('counted.period_start', '3') }} - 1 <= reach.data_cut, false) as is_complete,
    reach.data_cut
from counted
cross join {{ reach_of(['police', 'hub']) }} as reach
cross join lateral statistics.wilson_interval(counted.n_flagged, counted.n_charges - counted.n_not_said) as proportion

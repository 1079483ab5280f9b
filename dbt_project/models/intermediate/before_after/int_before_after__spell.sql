-- int_before_after__spell: one row per scheme, person and unbroken spell on it, with the district in which it began.
-- Episodes of the Drug Interventions Programme are a scheme of their own, dip_episode, from the first day known of contact to the closure.
-- Those that overlap or touch are one spell; one closed on the day that it began has no day and is none.
with episode as (
    select person_key, area, coalesce(caseload_on, treatment_on, assessed_on, referred_on) as entered_on, closed_on
    from {{ ref('stg_dip__episode') }}
    where person_key is not null
),

merged as (
    select person_key, unnest(range_agg(daterange(entered_on, closed_on))) as days
    from episode
    where entered_on <= {{ today() }} and (closed_on is null or closed_on > entered_on)
    group by person_key
)

select
    whole.scheme, whole.person_key, whole.valid_from as entered_on, whole.valid_to as left_on,
    coalesce(min(begun.area), 'unknown') as district
from {{ ref('int_caseload__stretch') }} as whole
left join {{ ref('int_caseload__stretch') }} as begun
    on begun.area_level = 'district'
    and begun.scheme = whole.scheme
    and begun.person_key = whole.person_key
    and {{ is_open_on('begun', 'whole.valid_from') }}
where whole.area_level = 'all' and whole.valid_from <= {{ today() }}
group by whole.scheme, whole.person_key, whole.valid_from, whole.valid_to

union all

select 'dip_episode', merged.person_key, lower(merged.days), upper(merged.days), coalesce(min(episode.area), 'unknown')
from merged
left join episode on episode.person_key = merged.person_key and episode.entered_on = lower(merged.days)
group by merged.person_key, merged.days

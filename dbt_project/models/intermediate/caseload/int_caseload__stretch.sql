-- int_caseload__stretch: one row per scheme, area, person and unbroken stretch of days of membership there.
-- Memberships that overlap or touch are one stretch; one that ends on the day it begins has no day and is none. The scheme `any` is every
-- scheme but the families' programme. Where several end on one day, the reason is that of the one that began last.
{{ build_by_person() }}
with member as (
    select
        membership.person_key, membership.membership_ref, membership.end_reason, membership.joined_on,
        listed.scheme, place.area_level, coalesce(place.area, 'unknown') as area,
        membership.valid_from,
        coalesce(membership.valid_to, 'infinity') as gone_on
    from {{ ref('int_schemes__placement') }} as membership
    cross join lateral (
        select membership.scheme
        union all
        select 'any' where membership.scheme <> 'TF'
    ) as listed (scheme)
    cross join lateral (
        values ('all', 'all'), ('division', membership.division), ('district', membership.district)
    ) as place (area_level, area)
    where membership.valid_from is distinct from membership.valid_to and {{ has_changed('membership.person_key') }}
),

reached as (
    select
        *,
        max(gone_on) over (
            partition by scheme, area_level, area, person_key
            order by valid_from, gone_on, membership_ref rows between unbounded preceding and 1 preceding
        ) as member_until
    from member
),

numbered as (
    select
        *,
        count(*) filter (where member_until is null or valid_from > member_until)
            over (partition by scheme, area_level, area, person_key order by valid_from, gone_on, membership_ref) as stretch_number
    from reached
)

select
    scheme,
    area_level,
    area,
    person_key,
    min(valid_from) as valid_from,
    nullif(max(gone_on), 'infinity') as valid_to,
    (array_agg(end_reason order by gone_on desc, joined_on desc, membership_ref))[1] as end_reason
from numbered
group by scheme, area_level, area, person_key, stretch_number

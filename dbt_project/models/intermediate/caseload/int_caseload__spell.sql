-- int_caseload__spell: one row per scheme, area, person and unbroken stretch of days on its caseload, with why it began and ended.
-- Whoever changes area, as by a handover, stays on the scheme, but leaves one area's caseload for the other's;
-- on_scheme_from is when the unbroken stay on the scheme began, wherever it was.
{{ build_by_person() }}
with on_scheme as (
    select
        scheme, person_key, valid_from, valid_to,
        row_number() over (partition by scheme, person_key order by valid_from) as times
    from {{ ref('int_caseload__stretch') }}
    where area_level = 'all' and {{ has_changed() }}
)

select
    stretch.scheme,
    stretch.area_level,
    stretch.area,
    stretch.person_key,
    stretch.valid_from,
    stretch.valid_to,
    case
        when on_scheme.valid_from < stretch.valid_from then 'other_area'
        when on_scheme.times > 1 then 'returned'
        else 'new'
    end as join_reason,
    case
        when stretch.valid_to is null then null
        when on_scheme.valid_to > stretch.valid_to or on_scheme.valid_to is null then 'other_area'
        else coalesce(stretch.end_reason, 'not_given')
    end as leave_reason,
    on_scheme.valid_from as on_scheme_from
from {{ ref('int_caseload__stretch') }} as stretch
inner join on_scheme
    on on_scheme.person_key = stretch.person_key
    and on_scheme.scheme = stretch.scheme
    and {{ is_open_on('on_scheme', 'stretch.valid_from') }}
where {{ has_changed('stretch.person_key') }}

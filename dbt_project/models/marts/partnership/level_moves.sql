-- level_moves: one row per month or quarter and area with a caseload, whatever the scheme: moves and reviews in it, and levels on its last day.
with event as (
    select level.person_key, happened.happened_on, happened.kind
    from {{ ref('int_partnership__level') }} as level
    cross join lateral (
        values
        (level.valid_from, level.move),
        (level.reviewed_on, 'reviewed'),
        (case when level.reviewed_on > level.first_review_on then level.reviewed_on end, 'reviewed_late')
    ) as happened (happened_on, kind)
),

moved as (
    select
        period.period_kind, period.period_start, place.area_level, place.area
        {%- for kind in ['first', 'up', 'down', 'unchanged', 'reviewed', 'reviewed_late'] %},
        count(*) filter (where event.kind = '{{ kind }}') as n_{{ kind }},
        count(distinct event.person_key) filter (where event.kind = '{{ kind }}') as n_people_{{ kind }}
        {%- endfor %}
    from event
    inner join {{ ref('int_caseload__spell') }} as place
        on place.person_key = event.person_key and place.scheme = 'any' and {{ is_open_on('place', 'event.happened_on') }}
    inner join {{ ref('int_caseload__period') }} as period on event.happened_on between period.period_start and period.period_end
    group by period.period_kind, period.period_start, place.area_level, place.area
),

stock as (
    select
        member.as_on as period_end, member.area_level, member.area,
        count(*) filter (where level.level is null) as n_without_level
        {%- for level in range(1, 6) %},
        count(*) filter (where level.level = {{ level }}) as n_level_{{ level }}
        {%- endfor %},
        count(*) filter (where {{ level_review_due_on('level', 'member.as_on') }} < member.as_on) as n_overdue,
        count(*) filter (where level.level is not null and {{ level_review_due_on('level', 'member.as_on') }} is null) as n_without_due_day
    from {{ ref('int_caseload__on_day') }} as member
    left join {{ ref('int_partnership__level') }} as level
        on level.person_key = member.person_key and {{ is_open_on('level', 'member.as_on') }}
    where member.scheme = 'any'
    group by member.as_on, member.area_level, member.area
)

select
    caseload.period_kind,
    caseload.period_start,
    caseload.period_end,
    caseload.area_level,
    caseload.area
    {%- for kind in ['first', 'up', 'down', 'unchanged', 'reviewed', 'reviewed_late'] %},
    coalesce(moved.n_{{ kind }}, 0) as n_{{ kind }},
    coalesce(moved.n_people_{{ kind }}, 0) as n_people_{{ kind }}
    {%- endfor %},
    caseload.closing as n_caseload,
    coalesce(stock.n_without_level, 0) as n_without_level
    {%- for level in range(1, 6) %},
    coalesce(stock.n_level_{{ level }}, 0) as n_level_{{ level }}
    {%- endfor %},
    coalesce(stock.n_overdue, 0) as n_overdue,
    coalesce(stock.n_without_due_day, 0) as n_without_due_day,
    caseload.is_complete,
    caseload.data_cut
from {{ ref('caseload_movement') }} as caseload
left join moved using (period_kind, period_start, area_level, area)
left join stock using (period_end, area_level, area)
where caseload.scheme = 'any'

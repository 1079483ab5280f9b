-- int_reoffending__departure: one row per cohort version, person and day of entry of whoever died, moved away or came off the schemes since.
-- All stay in the cohort: a list that is frozen stays as it was. The days say in whose follow-up it happened; what is planned has not happened.
-- Of the schemes: those by which people come into the cohort, for people who were on one of them on the day of entry. Who came off
-- one and was on another that day has not left. Moved away is what the hub gives as the reason, or a handover to an area outside.
-- What is shown of a person goes by the memberships that may be told, what is counted by all of them.
{{ build_by_person() }}
{%- set lists = {'counted': ref('int_schemes__placement'), 'shown': ref('int_schemes__told')} %}
with member as (
    select
        member.cohort_id, member.cohort_version, member.person_key, member.index_on, member.died_on,
        cohort.schemes,
        cohort.troubled_family
    from {{ ref('int_reoffending__cohort_member') }} as member
    inner join {{ ref('stg_reference__cohorts') }} as cohort on cohort.cohort_id = member.cohort_id and cohort.version = member.cohort_version
    where {{ has_changed('member.person_key') }}
),
{%- for name, memberships in lists.items() %}

{{ name }} as (
    select
        member.cohort_id, member.cohort_version, member.index_on, membership.*,
        bool_or({{ is_open_on('membership', 'member.index_on') }}) over (
            partition by member.cohort_id, member.cohort_version, member.person_key, member.index_on
        ) as was_on_scheme
    from member
    inner join {{ memberships }} as membership
        on membership.person_key = member.person_key
        and {{ takes_scheme('member', 'membership.scheme') }}
        and (membership.valid_to is null or (membership.valid_to > member.index_on and membership.valid_to > membership.valid_from))
),
{%- endfor %}

departure as (
    select cohort_id, cohort_version, person_key, index_on, died_on as departed_on, 'died' as reason, true as is_counted, true as is_shown
    from member
    where died_on >= index_on
    {%- for name in lists %}

    union all

    select
        ended.cohort_id, ended.cohort_version, ended.person_key, ended.index_on, ended.valid_to, coalesce(ended.end_reason, 'other'),
        {{ name == 'counted' }}, {{ name == 'shown' }}
    from {{ name }} as ended
    where
        ended.was_on_scheme
        and ended.valid_to is not null
        and not exists (
            select from {{ name }} as other
            where other.cohort_id = ended.cohort_id
                and other.cohort_version = ended.cohort_version
                and other.person_key = ended.person_key
                and other.index_on = ended.index_on
                and {{ is_open_on('other', 'ended.valid_to') }}
        )

    union all

    select
        moved.cohort_id, moved.cohort_version, moved.person_key, moved.index_on, moved.valid_from, 'moved',
        {{ name == 'counted' }}, {{ name == 'shown' }}
    from {{ name }} as moved
    inner join {{ ref('stg_reference__areas') }} as areas on areas.area = moved.district and areas.area_type = 'outside'
    where moved.was_on_scheme and moved.valid_from > moved.index_on
    {%- endfor %}
)

select
    cohort_id, cohort_version, person_key, index_on,
    {%- for name in lists %}
    min(departed_on) filter (where is_{{ name }} and reason = 'died') as {{ name }}_died_on,
    min(departed_on) filter (where is_{{ name }} and reason = 'moved') as {{ name }}_moved_on,
    min(departed_on) filter (where is_{{ name }} and reason not in ('died', 'moved')) as {{ name }}_deselected_on{{ ',' if not loop.last }}
    {%- endfor %}
from departure
where departed_on <= {{ today() }}
group by cohort_id, cohort_version, person_key, index_on

-- int_reoffending__on_the_day: one row per person and day of entry to any cohort, with the schemes, area and status of that day.
-- Of several open memberships the area comes from the one that began last; without one, from the release, else from the case records as they
-- were known on that day, since whoever moves afterwards is still counted where the day found them, unless their district had handed the person over
-- by then. Where no membership names a division, it is the nearest one that the district lies in.
-- What is shown of a person goes by the memberships that may be told today, as in int_partnership__place; where people are counted, by all of them.
{{ build_by_person() }}
{%- set order = 'membership.joined_on desc, membership.membership_ref' %}
{%- set is_told = "(membership.scheme <> 'DIP' or consenting.person_key is not null)" %}
with entry as (
    select distinct person_key, index_on from {{ ref('int_reoffending__cohort_entry') }} where {{ has_changed() }}
),

scheme as (
    select
        entry.person_key,
        entry.index_on,
        array_agg(distinct membership.scheme order by membership.scheme) as schemes,
        array_agg(distinct membership.strand) filter (where membership.strand is not null) as strands,
        array_agg(distinct membership.scheme || ' ' || membership.strand) as strands_of_schemes,
        array_agg(distinct membership.strand) filter (where membership.strand is not null and {{ is_told }}) as shown_strands,
        {%- for name in ['division', 'district'] %}
        {{ first_known('membership.' ~ name, order) }} as {{ name }},
        {{ first_known('case when ' ~ is_told ~ ' then membership.' ~ name ~ ' end', order) }} as shown_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from entry
    inner join {{ ref('int_schemes__placement') }} as membership
        on membership.person_key = entry.person_key
        and {{ is_open_on('membership', 'entry.index_on') }}
    left join {{ ref('int_dip__consenting') }} as consenting on consenting.person_key = entry.person_key
    group by entry.person_key, entry.index_on
),

custody as (
    select
        entry.person_key,
        entry.index_on,
        bool_or({{ is_open_on('spell', 'entry.index_on') }}) as is_in_custody,
        max(spell.valid_to) filter (where {{ is_open_on('spell', 'entry.index_on') }}) as released_on,
        max(spell.home_district) filter (where spell.valid_to = entry.index_on) as home_district
    from entry
    inner join {{ ref('int_custody__spell') }} as spell
        on spell.person_key = entry.person_key
        and spell.valid_from <= entry.index_on
        and (spell.valid_to is null or spell.valid_to >= entry.index_on)
    group by entry.person_key, entry.index_on
),

recorded as materialized (  -- this and the next, or it is looked up again wherever a district is named
    select entry.person_key, entry.index_on, {{ district_known_on('entry.person_key', 'entry.index_on') }} as district
    from entry
    left join scheme using (person_key, index_on)
    left join custody using (person_key, index_on)
    where scheme.shown_district is null and custody.home_district is null
),

located as materialized (
    select
        entry.person_key,
        entry.index_on,
        {%- for name, memberships in [('district', ref('int_schemes__placement')), ('shown_district', ref('int_schemes__told'))] %}
        coalesce(
            scheme.{{ name }}, custody.home_district,
            case when not {{ has_handed_over('recorded.district', memberships, 'entry.person_key', 'entry.index_on') }} then recorded.district end
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from entry
    left join scheme using (person_key, index_on)
    left join custody using (person_key, index_on)
    left join recorded using (person_key, index_on)
)

select
    entry.person_key,
    entry.index_on,
    {{ age_on('entry.index_on', 'person.born_on') }} as age,
    person.sex,
    scheme.schemes,
    scheme.strands,
    scheme.strands_of_schemes,
    scheme.shown_strands,
    coalesce(scheme.division, lies_in.division) as division,
    located.district,
    coalesce(scheme.shown_division, shown_lies_in.division) as shown_division,
    located.shown_district,
    coalesce(status.status, 'NON_STATUTORY') as statutory_status,
    coalesce('TF' = any(scheme.schemes), false) as is_in_troubled_family,
    coalesce(custody.is_in_custody, false) as is_in_custody,
    custody.released_on,
    person.died_on,
    person.is_known_to_police
from entry
inner join located using (person_key, index_on)
inner join {{ ref('int_people__person') }} as person using (person_key)
left join scheme using (person_key, index_on)
left join custody using (person_key, index_on)
left join {{ ref('int_areas__division') }} as lies_in on lies_in.area = located.district
left join {{ ref('int_areas__division') }} as shown_lies_in on shown_lies_in.area = located.shown_district
left join {{ ref('int_supervision__statutory_status') }} as status
    on status.person_key = entry.person_key
    and {{ is_open_on('status', 'entry.index_on') }}

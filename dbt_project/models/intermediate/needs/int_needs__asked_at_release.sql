-- int_needs__asked_at_release: one row per source that ever delivered and need that it looks at when somebody is released.
-- Prison and hub look at every pathway; OASys at those that it scores, with alcohol and drugs apart; drug services at these two.
-- `any` is all of them.
with asked as (
    select looks.source, need.need
    from (values ('prison', 'prison'), ('oasys', 'probation'), ('hub', 'hub'), ('dip', 'dip')) as looks (source, feed)
    inner join {{ ref('int_periods__reach') }} as reach on reach.feed = looks.feed and reach.data_cut is not null
    inner join {{ ref('int_needs__need') }} as need
        on case looks.source
            when 'oasys' then (not need.is_pathway or need.pathway <> 4) and need.pathway in (
                select section.pathway from {{ ref('int_needs__oasys_section') }} as section where section.need_from is not null
            )
            when 'dip' then not need.is_pathway
            else need.is_pathway
        end
)

select source, need from asked
union
select 'any', need from asked

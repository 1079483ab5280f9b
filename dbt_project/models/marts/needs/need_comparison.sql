-- need_comparison: one row per day, scheme, area, group, section of OASys and way of saying that it is a need.
-- People on the scheme against everybody else with an assessment that counts. The largest differences are those of the lowest ranks that are no
-- noise: a difference whose interval holds nought may be chance.
with compared as (
    select
        compared.*,
        n_on_scheme_with_need::double precision / nullif(n_on_scheme, 0) as share_on_scheme,
        n_others_with_need::double precision / nullif(n_others, 0) as share_others,
        newcombe.low,
        newcombe.high
    from {{ ref('int_needs__compared') }} as compared
    left join lateral statistics.newcombe_interval(n_on_scheme_with_need, n_on_scheme, n_others_with_need, n_others) as newcombe on true
)

select
    compared.as_on,
    compared.scheme,
    compared.area_level,
    compared.area,
    compared.group_by,
    compared.group_value,
    compared.basis,
    compared.section,
    compared.pathway,
    compared.n_on_scheme,
    compared.n_on_scheme_with_need,
    compared.n_on_scheme_severe,
    compared.n_on_scheme_linked_to_harm,
    compared.share_on_scheme,
    compared.n_others,
    compared.n_others_with_need,
    compared.n_others_severe,
    compared.n_others_linked_to_harm,
    compared.share_others,
    compared.share_on_scheme - compared.share_others as difference,
    compared.low as ci_low,
    compared.high as ci_high,
    compared.low <= 0 and compared.high >= 0 as is_noise,
    case
        when compared.share_on_scheme - compared.share_others is not null
            then rank() over (
                partition by compared.as_on, compared.scheme, compared.area_level, compared.area, compared.group_by, compared.group_value, compared.basis
                order by abs(compared.share_on_scheme - compared.share_others) desc nulls last
            )
    end as difference_rank,
    count(compared.low) over (
        partition by compared.as_on, compared.scheme, compared.area_level, compared.area, compared.group_by, compared.group_value, compared.basis
    ) as n_compared,
    100 * (compared.share_on_scheme / nullif(compared.share_others, 0) - 1) as pct_more,
    compared.mean_score_on_scheme,
    compared.mean_score_others,
    coalesce(day.is_over and compared.as_on <= reach.data_cut, false) as is_complete,
    reach.data_cut
from compared
inner join {{ ref('int_needs__day') }} as day using (as_on)
cross join {{ reach_of(['hub', 'probation']) }} as reach

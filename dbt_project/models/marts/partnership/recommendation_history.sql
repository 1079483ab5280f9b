-- recommendation_history: one row per recommendation of an inquiry and day on which its category was assessed.
-- The hub may write over a row when it assesses again, so every version of the rows that it still has is read. Of several that are about one
-- day the last delivered counts.
with version as (
    select
        current.inquiry, current.recommendation, current.owner,
        told.recommendation_ref, told.category, told.assessed_on, told.opened_by_sequence
    from {{ source('raw', 'hub_recommendation') }} as told
    inner join {{ ref('stg_hub__recommendation') }} as current using (recommendation_ref)
    where {{ was_known('hub', 'told') }} and told.assessed_on <= {{ today() }} and told.category is not null
),

assessed as (
    select distinct on (inquiry, recommendation, assessed_on) *
    from version
    order by inquiry, recommendation, assessed_on, opened_by_sequence desc, recommendation_ref desc
)

select
    assessed.inquiry,
    assessed.recommendation,
    assessed.owner,
    row_number() over so_far as nth_assessment,
    assessed.assessed_on,
    assessed.category,
    listed.status,
    lag(assessed.category) over so_far as category_before,
    assessed.category in (3, 4, 5) as is_monitored,
    assessed.assessed_on as valid_from,
    lead(assessed.assessed_on) over so_far as valid_to,
    lead(assessed.assessed_on) over so_far is null as is_current,
    {{ data_cut('hub') }} as data_cut
from assessed
inner join (
    values
    (1, 'Stop monitoring'),
    (2, 'Achieved'),
    (3, 'Not achieved (obstacle)'),
    (4, 'Not achieved (progress acceptable, continue monitoring)'),
    (5, 'Not achieved (progress not acceptable, continue monitoring)'),
    (6, 'Not for review this session')
) as listed (category, status) on listed.category = assessed.category
window so_far as (partition by assessed.inquiry, assessed.recommendation order by assessed.assessed_on)

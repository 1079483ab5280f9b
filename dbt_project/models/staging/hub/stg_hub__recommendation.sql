select
    recommendation.recommendation_ref,
    recommendation.inquiry,
    recommendation.recommendation,
    recommendation.owner,
    recommendation.category,
    recommendation.assessed_on
from {{ source('raw', 'hub_recommendation') }} as recommendation
where {{ is_known('hub', 'recommendation') }}

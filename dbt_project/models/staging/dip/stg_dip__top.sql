select
    top.review_ref,
    top.episode_ref,
    top.stage,
    top.reviewed_on,
    top.alcohol_days,
    top.opiate_days,
    top.crack_days,
    top.cocaine_days,
    top.amphetamine_days,
    top.cannabis_days,
    top.other_drug_days,
    top.injected_days,
    top.shared_equipment,
    top.psychological_health,
    top.paid_work_days,
    top.education_days,
    top.physical_health,
    top.acute_housing_problem,
    top.eviction_risk,
    top.quality_of_life
from {{ source('raw', 'dip_top') }} as top
where {{ is_known('dip', 'top') }}

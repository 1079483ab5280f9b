-- selection_by_district: one row per version of the scoring matrix and district, those among them in which nobody is considered.
with district as (
    select area as district from {{ ref('stg_reference__areas') }} where area_type = 'district'
    union
    select district from {{ ref('selection_matrix') }} where district is not null
),

version as (
    select distinct version as rule_version from {{ ref('stg_reference__scoring_rules') }}
)

select
    version.rule_version,
    district.district,
    threshold.threshold,
    count(matrix.person_key) as n_considered,
    count(*) filter (where matrix.against_threshold = 'over') as n_over,
    count(*) filter (where matrix.against_threshold = 'over' and matrix.decision = 'awaiting decision') as n_over_awaiting_decision,
    count(*) filter (where matrix.against_threshold = 'over' and matrix.schemes is not null) as n_over_on_scheme,
    count(*) filter (where matrix.against_threshold = 'under' and matrix.schemes is not null) as n_under_on_scheme
from district
cross join version
left join {{ ref('stg_reference__district_thresholds') }} as threshold using (district)
left join {{ ref('selection_matrix') }} as matrix using (district, rule_version)
group by version.rule_version, district.district, threshold.threshold

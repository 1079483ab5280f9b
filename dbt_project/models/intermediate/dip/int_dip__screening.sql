-- int_dip__screening: one row per screening for alcohol, with whether its score is at the threshold of its tool.
-- AUDIT 8 (increasing risk), AUDIT-C 5, FAST 3; without a score or a known tool nobody knows.
select
    screening.person_key,
    screening.client_ref,
    screening.referral_ref,
    screening.screened_on,
    screening.tool,
    screening.score,
    screening.score >= tool.positive_from as is_positive,
    screening.brief_intervention as is_brief_intervention,
    screening.outcome
from {{ ref('stg_dip__alcohol_referral') }} as screening
left join (values ('AUDIT', 8), ('AUDIT-C', 5), ('FAST', 3)) as tool (tool, positive_from) on tool.tool = screening.tool
where screening.screened_on <= {{ today() }}

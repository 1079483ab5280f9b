-- int_needs__oasys_section: one row per section of OASys that asks about needs, with its pathway, its items and its thresholds.
-- Finance and emotional wellbeing are asked but never scored as criminogenic needs: they have items and no threshold. The passport of one
-- person reads the same table.
select section, pathway, items, need_from, severe_from
from {{ source('needs', 'oasys_section') }}

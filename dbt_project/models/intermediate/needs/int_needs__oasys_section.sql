-- int_needs__oasys_section: one row per section of OASys that asks about needs, with its pathway, its items and its thresholds.
-- Finance and emotional wellbeing are asked but never scored as criminogenic needs: they have items and no threshold.
select section, pathway, string_to_array(items, ' ') as items, need_from, severe_from
from (
    values
    ('accommodation', 1, 'no_fixed_abode suitability permanence location', 2, 7),
    ('ete', 2, 'unemployed employment_history skills attitude', 3, 7),
    ('emotional', 3, 'coping self_harm attitude_self', null, null),
    ('drugs', 4, 'current main_drug_level injected motivation major_activity', 2, 8),
    ('alcohol', 4, 'current binge frequency motivation', 4, 7),
    ('finance', 5, 'situation debt budgeting', null, null),
    ('relationships', 6, 'family childhood previous_close', 2, 5),
    ('lifestyle', 7, 'activities influenced recklessness', 2, 5),
    ('thinking', 7, 'recognises_problems problem_solving consequences others_views', 4, 7),
    ('attitudes', 7, 'pro_criminal supervision society motivation', 2, 7)
) as listed (section, pathway, items, need_from, severe_from)

-- int_needs__need: one row per need that is looked at on release, with its pathway and the order in which they are shown.
-- Accommodation, alcohol and drugs come first. Alcohol and drugs are apart where a source tells them apart, else one pathway.
select need, pathway, need_order, is_pathway
from (
    values
    ('accommodation', 1, 1, true),
    ('alcohol', 4, 2, false),
    ('drugs', 4, 3, false),
    ('drugs_and_alcohol', 4, 4, true),
    ('ete', 2, 5, true),
    ('health', 3, 6, true),
    ('finance', 5, 7, true),
    ('family', 6, 8, true),
    ('attitudes', 7, 9, true),
    ('abuse', 8, 10, true),
    ('sex_work', 9, 11, true)
) as listed (need, pathway, need_order, is_pathway)

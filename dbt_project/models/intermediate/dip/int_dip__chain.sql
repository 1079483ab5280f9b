-- int_dip__chain: one row per stage of the chain from an arrest for a trigger offence to staying in treatment.
select stage_number, stage
from (
    values
    (1, 'arrested'), (2, 'tested'), (3, 'positive'), (4, 'required'), (5, 'initial_attended'), (6, 'follow_up_attended'),
    (7, 'found_in_need'), (8, 'on_caseload'), (9, 'care_plan'), (10, 'in_treatment'), (11, 'retained')
) as listed (stage_number, stage)

-- int_selection__asked: one row per factor, set of offences and window that a rule for selection or for a level asks the value of.
select factor, offence_set, window_months from {{ ref('stg_reference__scoring_rules') }}
union
select factor, offence_set, window_months from {{ ref('stg_reference__level_rules') }}

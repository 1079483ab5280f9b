-- int_dip__limit: one row, the limits of the figures of drug services, each in a column of its own.
-- A limit without a row in drug_service_rules.csv is the one that these figures had before it could be configured.
{% set limits = {
    'adult_from_age': 18,
    'episode_within_days': 28,
    'retained_days': 84,
    'chain_final_after_months': 6,
    'profile_near_days': 14,
    'profile_apart_days': 28,
    'profiles_final_after_months': 12,
} %}
select
    {%- for rule, otherwise in limits.items() %}
    coalesce((array_agg(value order by effective_from desc) filter (where rule = '{{ rule }}'))[1], {{ otherwise }}) as {{ rule }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('stg_reference__drug_service_rules') }}

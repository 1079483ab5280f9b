-- int_offences__breach: one row per person and breach of an order or licence.
-- A breach is probation's action. One proved at court is taken as the outcome of such an action, and counts for itself only when probation
-- started none against that person in the twelve months before it was proved.
with action as (
    select person_key, enforcement_ref, initiated_on
    from {{ ref('stg_probation__enforcement') }}
    where person_key is not null and kind = 'breach' and initiated_on is not null and {{ has_changed() }}
)

select person_key, enforcement_ref as breach_ref, initiated_on as breached_on, initiated_on as known_on, null as offence_code, null as occasion_ref
from action

union all

select proven.person_key, 'conviction ' || proven.conviction_ref, proven.offence_on, proven.proved_on, proven.offence_code, proven.occasion_ref
from {{ ref('int_offences__proven_offence') }} as proven
where
    proven.is_court and proven.is_breach and {{ has_changed('proven.person_key') }}
    and not exists (
        select from action
        where
            action.person_key = proven.person_key
            and action.initiated_on between proven.proved_on - interval '12 months' and proven.proved_on
    )

-- int_schemes__untold: one row per person whose last stay on a list is one of drug services that may not be told.
-- That somebody is still managed, or was last, would say whose list it is on, since no other shows the person.
with ending as (
    select person_key, max(coalesce(valid_to, 'infinity')) as ends_on
    from {{ ref('int_schemes__placement') }}
    where scheme <> 'TF'
    group by person_key
)

select ending.person_key
from ending
left join {{ ref('int_schemes__told') }} as told
    on told.person_key = ending.person_key and told.scheme <> 'TF' and coalesce(told.valid_to, 'infinity') = ending.ends_on
where told.person_key is null

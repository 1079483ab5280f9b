-- Two stays in custody of one person share a day, or touch.
select person_key
from (
    select person_key, valid_from, lag(coalesce(valid_to, 'infinity')) over (partition by person_key order by valid_from) as before
    from {{ ref('int_custody__spell') }}
    where {{ has_changed() }}
) as stay
where valid_from <= before

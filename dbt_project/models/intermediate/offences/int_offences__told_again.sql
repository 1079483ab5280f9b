-- int_offences__told_again: one row per reference of an arrest that was told under several, with the one that it counts under.
select arrest.person_key, again.arrest_ref, arrest.arrest_ref as counted_ref
from {{ ref('int_offences__arrest') }} as arrest
cross join lateral unnest(arrest.told_as) as again (arrest_ref)
where cardinality(arrest.told_as) > 1 and {{ has_changed('arrest.person_key') }}

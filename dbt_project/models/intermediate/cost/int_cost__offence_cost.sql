-- int_cost__offence_cost: one row per pair of offence code and class that occurs, if a set with a unit cost holds it.
-- Of several such sets the narrowest counts, so that no offence costs twice: the one that holds fewest of the pairs that occur, then by name.
with held as (
    select offence_set, offence_code, offence_class, count(*) over (partition by offence_set) as n_held
    from {{ ref('int_offences__offence_set') }}
)

select distinct on (held.offence_code, held.offence_class) held.offence_code, held.offence_class, unit.*
from held
inner join {{ ref('int_cost__unit_cost') }} as unit using (offence_set)
order by held.offence_code, held.offence_class, held.n_held, held.offence_set

-- int_offences__series_break: one row per break in a series of one offence set, and offence set that has an offence in common with that one.
select distinct broken.break_id, touched.offence_set
from {{ ref('stg_reference__series_breaks') }} as broken
inner join {{ ref('int_offences__offence_set') }} as held on held.offence_set = broken.offence_set
inner join {{ ref('int_offences__offence_set') }} as touched on {{ same_offence('touched', 'held') }}

-- int_schemes__told: one row per placement that may be told of a person; without consent those on the list of drug services are left out.
-- Tables with a row for each person read this, counts of people int_schemes__placement.
select placement.*
from {{ ref('int_schemes__placement') }} as placement
left join {{ ref('int_dip__consenting') }} as consenting using (person_key)
where placement.scheme <> 'DIP' or consenting.person_key is not null

-- int_dip__consenting: one row per person of whom it may be told today that drug services know them.
-- Every client record of theirs that is linked to the person must have consent in force. Who has none is told of as if drug services had nothing.
select person_key
from {{ ref('int_dip__consent') }}
where person_key is not null
group by person_key
having bool_and(has_consent)

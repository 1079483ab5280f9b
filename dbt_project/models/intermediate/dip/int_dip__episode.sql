-- int_dip__episode: one row per episode taken on a caseload, with the stretch of days on it and the groups of the client.
-- On the caseload from the day of being taken on to the day before closing; one closed the day it was taken on, or before, has no day on it.
select
    {{ person_or('client_ref', 'episode') }} as client,
    episode.episode_ref,
    coalesce(episode.area, 'unknown') as area,
    episode.contact_reason,
    episode.caseload_on as valid_from,
    episode.closed_on as valid_to,
    episode.closure_reason,
    episode.transferred_from,
    episode.transferred_to,
    coalesce(person.sex, 'U') as sex
from {{ ref('stg_dip__episode') }} as episode
left join {{ ref('int_people__person') }} as person using (person_key)
where episode.caseload_on <= {{ today() }}

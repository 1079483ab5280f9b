select
    link.person_key,
    episode.episode_ref,
    episode.client_ref,
    {{ listed_area('episode.area') }} as area,
    episode.contact_reason,
    episode.referred_on,
    episode.assessed_on,
    episode.needs_intervention,
    episode.caseload_on,
    episode.care_plan_on,
    episode.treatment_on,
    episode.treatment_ended_on,
    episode.modality,
    episode.closed_on,
    episode.closure_reason,
    {{ listed_area('episode.transferred_from') }} as transferred_from,
    {{ listed_area('episode.transferred_to') }} as transferred_to
from {{ source('raw', 'dip_episode') }} as episode
{{ join_person('dip_client', 'episode.client_ref') }}
where {{ is_known('dip', 'episode') }}

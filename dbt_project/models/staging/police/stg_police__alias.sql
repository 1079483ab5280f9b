select
    link.person_key,
    alias.alias_ref,
    alias.police_ref
from {{ source('raw', 'police_alias') }} as alias
{{ join_person('police_person', 'alias.police_ref') }}
where {{ is_known('police', 'alias') }}

-- int_selection__score: one row per version of the scoring matrix and person considered, with the score and what it is made of.
{{ build_by_person('aged_people') }}
with named as (
    select
        *,
        concat_ws(' ', factor, 'of ' || offence_set, 'in ' || window_months || ' months') as name
    from {{ ref('int_selection__factor') }}
    where {{ has_changed_or_has_aged() }}
)

select
    rule_version,
    person_key,
    sum(contribution) as score,
    string_agg(
        name || ': ' || value || ', ' || trim_scale(contribution) || ' points', '; ' order by abs(contribution) desc, name
    ) filter (where contribution <> 0) as factors,
    string_agg(name, '; ' order by name) filter (where not is_known) as factors_not_known,
    string_agg(name || ': ' || value, '; ' order by name) filter (where is_known and rule_id is null) as factors_outside_bands
from named
group by rule_version, person_key

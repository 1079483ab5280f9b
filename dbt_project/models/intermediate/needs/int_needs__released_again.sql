-- int_needs__released_again: one row per group of releases with a person who is in it more than once, with how many releases that is too many.
-- Whoever is released twice is one person: few are, so that only they are told apart.
select release_group, sum(n_again)::bigint as n_again
from (
    select release_group, person_key, count(*) - 1 as n_again
    from (
        select release_sort, person_key, count(*) over (partition by person_key, kind, period_start) as n_of_person
        from {{ ref('int_needs__release') }}
    ) as release
    inner join {{ ref('int_needs__release_group') }} using (release_sort)
    where n_of_person > 1
    group by release_group, person_key
) as person
group by release_group

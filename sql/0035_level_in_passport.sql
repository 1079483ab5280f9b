-- The level that a passport shows is one that the person holds, by the rule of int_partnership__level: a level holds until the person has left every
-- scheme but the families' programme, and whoever comes back has none until one is given. access.passport_of gives the last one there was.
create function access.is_level_held(person bigint, given_on date) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    today date := access.today();
    cases text[] := access.records_of(person, 'hub_case');
    left_on date;
begin
    left_on := (
        select max(upper(stay))
        from (
            select unnest(range_agg(daterange(m.starts_on, m.ends_on))) as stay
            from raw.hub_membership m
            where m.case_ref = any(cases) and m.closed_by_sequence is null and m.scheme <> 'TF' and m.starts_on <= today
              and (m.ends_on is null or m.ends_on >= m.starts_on)
        ) stays
        where upper(stay) <= today
    );
    return (left_on is null or given_on >= left_on) and exists (
        select from access.placements(today, person) p
        -- a level that the list of drug services alone explains would tell of it
        where p.scheme <> 'TF' and (p.scheme <> 'DIP' or person in (select c.person_key from access.consenting_people(today) c))
    );
end $$;
comment on function access.is_level_held is 'Whether a level given to a person on a day still holds: the person is on a scheme and has not left all of them since. For functions of the owner.';
revoke execute on function access.is_level_held from public;

create or replace function access.take_passport(token uuid) returns table (section text, entry json)
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select found.section, found.entry
    from access.granted_person(token, 'passport') as person
    cross join lateral access.passport_of(person) as found
    where found.section <> 'level' or access.is_level_held(person, (found.entry ->> 'since')::date)
$$;

-- People: what each role may read, and the logged look at one named person. Nobody here may read landing, quarantine, raw or identity.
create schema access;
comment on schema access is 'Who may log in as what and see which areas, and the logged look at one person.';

do $$  -- roles belong to the whole server, so another warehouse on it may have made them
declare
    reader text;
begin
    foreach reader in array array['iom_analyst', 'iom_practitioner', 'iom_steward', 'iom_commissioner', 'iom_auditor'] loop
        if not exists (select from pg_roles where rolname = reader) then
            execute format('create role %I nologin', reader);
        end if;
        execute format('grant connect on database %I to %I', current_database(), reader);
    end loop;
end $$;

grant usage on schema audit, reference to iom_steward, iom_auditor;
grant select on all tables in schema audit to iom_steward, iom_auditor;
revoke select on audit.event from iom_steward;  -- it says which colleague looked at whom
grant select on all tables in schema reference to iom_steward, iom_auditor;
alter default privileges in schema audit grant select on tables to iom_steward, iom_auditor;
alter default privileges in schema reference grant select on tables to iom_steward, iom_auditor;
grant execute on function audit.first_broken_event to iom_auditor;
grant usage on schema published to iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor;

-- Marts and published tables belong to the stage that makes them, and a rebuilt table has lost its grants. So the stage itself calls
-- this after it has made tables: it opens those it owns, and those it will make in the same schemas. What practitioners work from is
-- opened to them mart by mart, where the rows are limited to their areas (limit_to_own_areas).
create function access.open_own_tables() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    opening record;
    own text;
begin
    for opening in
        select n.nspname as schema_name, n.nspowner = current_user::regrole as is_own, rule.readers
        from pg_namespace n
        join (values ('^mart_', array['iom_analyst']),
                     ('^published$', array['iom_analyst', 'iom_practitioner', 'iom_steward', 'iom_commissioner', 'iom_auditor'])
             ) as rule (pattern, readers) on n.nspname ~ rule.pattern
        where has_schema_privilege(n.oid, 'create')
    loop
        if opening.is_own then
            execute format('grant usage on schema %I to %s', opening.schema_name, array_to_string(opening.readers, ', '));
        end if;
        execute format('alter default privileges in schema %I grant select on tables to %s',
                       opening.schema_name, array_to_string(opening.readers, ', '));
        for own in
            select format('%I.%I', opening.schema_name, c.relname) from pg_class c
            where c.relnamespace = opening.schema_name::regnamespace and c.relowner = current_user::regrole and c.relkind in ('r', 'p', 'v', 'm')
        loop
            execute format('grant select on %s to %s', own, array_to_string(opening.readers, ', '));
        end loop;
    end loop;
end $$;
comment on function access.open_own_tables is 'Open the caller''s tables in mart_* and published to the people who may read them. For iom_transformer and iom_publisher.';
revoke execute on function access.open_own_tables from public;
grant usage on schema access to iom_transformer, iom_publisher;
grant execute on function access.open_own_tables to iom_transformer, iom_publisher;

create table access.person_role (
    login text primary key,
    role text not null check (role in ('analyst', 'practitioner', 'steward', 'commissioner', 'auditor')),
    areas text[] not null,
    audiences text[] not null default '{}',
    signs_off text[] not null default '{}' check (signs_off <@ array['check', 'release'])
);
comment on table access.person_role is 'One row per person who may log in now, with role, areas, audiences whose reports they read (none: all that the role may) and what they may do to sign reports off, as configured.';

create table access.person_area (
    login text not null references access.person_role on delete cascade,
    area text not null,
    primary key (login, area)
);
comment on table access.person_area is 'One row per person and area that the person may see: the configured areas and all that lies in them; for whoever may see every area that lies in no other, apart from outside, also unknown, which opens all rows.';

create view access.my_area as select area from access.person_area where login = session_user;
comment on view access.my_area is 'Areas that whoever is logged in may see; row policies of marts read it.';
grant usage on schema access to iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor;
grant select on access.my_area to iom_analyst, iom_practitioner;
grant select on access.person_role, access.person_area to iom_auditor;

-- A look has two steps, because its event must be committed before a name is shown, and a transaction cannot commit a part of itself:
-- the first function writes the event, the client commits, the second answers if the event is committed. Whether the person is on a list of the
-- asker's is an answer too: a refused look gets a token like any other, so that nobody learns it and rolls the event back.
create table access.look_request (
    token uuid primary key default gen_random_uuid(),
    login text not null,
    kind text not null check (kind in ('passport', 'item', 'counts')),
    person_key bigint,
    item text,
    event_id bigint not null references audit.event,
    is_granted boolean not null,
    requested_in xid8 not null default pg_current_xact_id(),
    requested_at timestamptz not null default clock_timestamp(),
    seen text[],
    check (num_nonnulls(person_key, item) = 1)
);
comment on table access.look_request is 'One row per look at a person, at an item of the linkage queue, or at the counts behind a figure, that was asked for; the reason stands in the event. Good for five minutes, for the login that asked.';
comment on column access.look_request.seen is 'Of an item that was shown: digests of its people''s records and of its question as they were, by which a decision is bound to what its steward saw. They hold no value, but a guess at one can be confirmed by them.';

create function access.today() returns date language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return coalesce((select max(d.business_date) from audit.delivery d where d.status = 'published'), current_date);
end $$;
comment on function access.today is 'The last published business date; before the first, the day itself. For functions of the owner.';

-- As listed_area and listed_agency of the marts, which say why. A partnership that has none listed, or was never configured, has no codes.
create function access.listed_areas() returns setof text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('reference.areas') is not null then
        return query select distinct a.area from reference.areas a where a.closed_by_configuration is null and a.effective_from <= access.today();
    end if;
end $$;
comment on function access.listed_areas is 'Codes of areas.csv that are in force; any other text in the column of an area may be a name. For functions of the owner.';

create function access.listed_agencies() returns setof text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('reference.agencies') is not null then
        return query select distinct a.agency from reference.agencies a where a.closed_by_configuration is null and a.effective_from <= access.today();
    end if;
end $$;
comment on function access.listed_agencies is 'Codes of agencies.csv that are in force; any other text in the column of an agency may be a name, or one of a drug service. For functions of the owner.';

-- As int_schemes__handover and int_schemes__placement have it, which say why; from raw, since marts are rebuilt and end with a night.
create function access.placements(night date, of_person bigint default null)
returns table (person_key bigint, membership_ref text, scheme text, strand text, joined_on date, district text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
        with membership as (
            select l.person_key, m.membership_ref, m.case_ref, m.scheme, m.strand, m.starts_on, m.ends_on,
                   case when m.district in (select access.listed_areas()) then m.district end as district
            from raw.hub_membership m
            join identity.link l on l.source_file = 'hub_case' and l.source_key = m.case_ref and l.closed_by_run is null
            where m.closed_by_sequence is null and m.starts_on <= night and (m.ends_on is null or m.ends_on > night)
              and (of_person is null or l.person_key = of_person)
        ),
        handover as (
            select distinct on (m.membership_ref, t.handed_over_on)
                m.membership_ref, t.handed_over_on, side.to_district,
                first_value(side.from_district) over (
                    partition by m.membership_ref, t.handed_over_on order by t.agreed_on nulls first, t.transfer_ref
                ) as from_district
            from membership m
            join raw.hub_transfer t on t.case_ref = m.case_ref and t.closed_by_sequence is null
            cross join lateral (
                select case when t.from_district in (select access.listed_areas()) then t.from_district end as from_district,
                       case when t.to_district in (select access.listed_areas()) then t.to_district end as to_district
            ) side
            where num_nonnulls(side.from_district, side.to_district) > 0
              and t.handed_over_on > m.starts_on and (m.ends_on is null or t.handed_over_on < m.ends_on)
            order by m.membership_ref, t.handed_over_on, t.agreed_on desc nulls last, t.transfer_ref desc
        ),
        moves as (
            select membership_ref, bool_or(handed_over_on <= night) as has_moved,
                   (array_agg(to_district order by handed_over_on desc) filter (where handed_over_on <= night))[1] as now_in,
                   (array_agg(from_district order by handed_over_on))[1] as began_in,
                   array_agg(to_district) as taken_over_by
            from handover
            group by membership_ref
        )
        select m.person_key, m.membership_ref, m.scheme, m.strand, m.starts_on,
               case
                   when moves.has_moved then moves.now_in
                   else coalesce(case when m.district = any(moves.taken_over_by) then moves.began_in end, m.district, moves.began_in)
               end
        from membership m
        left join moves on moves.membership_ref = m.membership_ref;
end $$;
comment on function access.placements is 'One row per membership that is open on a night, of one person or of all, with the district that it is in then: that of the last handover, else its own. For functions of the owner.';

create function access.told_placements(night date, of_person bigint default null)
returns table (person_key bigint, membership_ref text, scheme text, strand text, joined_on date, district text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
        select p.* from access.placements(night, of_person) p
        where p.scheme <> 'DIP' or p.person_key in (select c.person_key from access.consenting_people(night) c);
end $$;
comment on function access.told_placements is 'Those of access.placements that may be told: that somebody is on the list of drug services needs consent, and so does all that follows from it. For functions of the owner.';

create function access.districts_of(person bigint) returns setof text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query select distinct p.district from access.told_placements(access.today(), person) p where p.district is not null;
    if not found then
        return query
            select distinct h.district
            from identity.link l
            join raw.hub_case h on h.case_ref = l.source_key and h.closed_by_sequence is null
            where l.person_key = person and l.source_file = 'hub_case' and l.closed_by_run is null
              and h.district in (select access.listed_areas())
              -- no open membership is in a district that is known: one that handed the person over is none of theirs, though the case still has it
              and not exists (
                select from access.told_placements(access.today(), person) p
                join raw.hub_membership m on m.membership_ref = p.membership_ref and m.closed_by_sequence is null
                join raw.hub_transfer t on t.case_ref = m.case_ref and t.closed_by_sequence is null
                where t.from_district = h.district and t.handed_over_on > p.joined_on and t.handed_over_on <= access.today()
              );
    end if;
end $$;
comment on function access.districts_of is 'Where a person on the hub''s list is placed now: in the districts of the open memberships that may be told, else in that of the case, unless it handed the person over. For functions of the owner.';

create function access.may_look(person bigint, who text) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('raw.hub_case') is null then
        return false;
    end if;
    return exists (
        select from identity.link l
        join raw.hub_case h on h.case_ref = l.source_key and h.closed_by_sequence is null
        where l.person_key = person and l.source_file = 'hub_case' and l.closed_by_run is null
    ) and exists (
        select from access.person_area a
        join access.person_role r on r.login = a.login and r.role = 'practitioner'
        where a.login = who and (a.area = 'unknown' or a.area in (select district from access.districts_of(person) district))
    );
end $$;
comment on function access.may_look is 'Whether a person on the hub''s list is managed in a district that this practitioner may see, or the practitioner may see all.';

create function access.check_reason(reason text) returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if coalesce(length(btrim(reason)), 0) < 5 or length(reason) > 500 then
        raise exception 'a look needs its reason, and so does a decision' using hint = 'Say why, in 5 to 500 characters.';
    end if;
end $$;
comment on function access.check_reason is 'Raise an error unless a reason of 5 to 500 characters is given.';

create function access.committed_request(token uuid, what text) returns access.look_request
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    request access.look_request;
begin
    select r.* into request
    from access.look_request r
    where r.token = committed_request.token and r.kind = what and r.login = session_user;
    if request.token is null then
        raise exception 'no look was asked for with this token' using hint = 'Ask for the look first.';
    elsif pg_xact_status(request.requested_in) is distinct from 'committed' then
        raise exception 'the event of this look is not committed' using hint = 'Commit, then use the token again.';
    elsif request.requested_at < clock_timestamp() - interval '5 minutes' then
        raise exception 'this look has lapsed' using hint = 'Ask for the look again.';
    end if;
    return request;
end $$;
comment on function access.committed_request is 'The look of a kind that was asked for with a token, by the same login, committed and not older than five minutes.';

create table access.file_of_people (
    file text primary key,
    key_column text not null
);
comment on table access.file_of_people is 'One row per file of raw whose rows are people, as the contracts say: a passport shows their names. Records of treatment are none of them: they need consent.';

create function access.names_of(person bigint) returns table (source_file text, source_key text, surname text, forenames text, dob date)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    held record;
begin
    for held in
        select l.source_file as file, l.source_key as key, known.key_column
        from identity.link l
        join access.file_of_people known on known.file = l.source_file
        where l.person_key = person and l.closed_by_run is null
        order by l.source_file, l.source_key
    loop
        return query execute format(
            'select $1, $2, surname, forenames, dob from raw.%I where %I = $2 and closed_by_sequence is null', held.file, held.key_column
        ) using held.file, held.key;
    end loop;
end $$;
comment on function access.names_of is 'The names of a person as each source of access.file_of_people has them. For functions of the owner.';

revoke execute on function access.today, access.listed_areas, access.listed_agencies, access.placements, access.told_placements, access.districts_of, access.check_reason, access.may_look, access.committed_request,
    access.names_of from public;

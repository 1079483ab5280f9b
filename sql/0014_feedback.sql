-- Feedback to the agencies: what may be sent to whom, and the register of what was. The rows themselves come from 0015_feedback_rows.sql.

-- The closed list of what an outbound file may show. The configuration chooses among these names; no row of it becomes SQL.
create table access.outbound_source (
    source text primary key,
    relation text not null,
    column_name text not null,
    is_own_record boolean not null default false,
    is_drug_service boolean not null default false
);
comment on table access.outbound_source is 'One row per value that an outbound file may show: the name that outbound.csv gives it, and where it comes from.';
comment on column access.outbound_source.is_own_record is 'A value of the recipient''s own record: only an agency that gives us this file gets it back.';
comment on column access.outbound_source.is_drug_service is 'Needs the consent of the person, and an agreement that names the column.';

insert into access.outbound_source (source, relation, column_name, is_own_record)
select file || '.' || column_name, file, column_name, true
from (values
    ('police_person', array['police_ref', 'pncid', 'cro_number', 'surname', 'forenames', 'dob']),
    ('probation_person', array['crn', 'pncid', 'surname', 'forenames', 'dob']),
    ('prison_person', array['prison_number', 'pncid', 'surname', 'forenames', 'dob']),
    ('hub_case', array['case_ref', 'pncid', 'prison_number', 'crn', 'surname', 'forenames', 'dob']),
    ('dip_client', array['client_ref'])
) as own (file, column_names) cross join unnest(column_names) as column_name;

insert into access.outbound_source (source, relation, column_name) values
    ('hub_membership.scheme', 'outbound_listed', 'schemes'),
    ('hub_membership.district', 'outbound_listed', 'district'),
    ('hub_case.lead_agency', 'outbound_case', 'lead_agency'),
    ('hub_rag.colour', 'outbound_risk', 'colour'),
    ('prison_spell.establishment', 'outbound_custody', 'establishment'),
    ('prison_spell.custody_type', 'outbound_custody', 'custody_type'),
    ('prison_spell.received_on', 'outbound_custody', 'received_on'),
    ('prison_spell.home_district', 'outbound_custody', 'home_district'),
    ('prison_release_date.release_on', 'outbound_custody', 'release_on');

-- Marts: their rows of the night, by person.
insert into access.outbound_source (source, relation, column_name)
select mart || '.' || column_name, mart, column_name
from (values
    ('release_calendar', array['planned_on', 'change_in_a_week', 'is_friday', 'is_eve_of_holiday', 'custody_type', 'supervision_on_release', 'accommodation_on_release']),
    ('custody_movement', array['known_on', 'movement', 'moved_on', 'news', 'establishment', 'custody_type', 'release_type']),
    ('level_history', array['level', 'valid_from', 'review_due_on', 'next_review_on']),
    ('agency_agenda', array['meeting_ref', 'held_on', 'district', 'is_invited', 'risk'])
) as sent (mart, column_names) cross join unnest(column_names) as column_name;

insert into access.outbound_source (source, relation, column_name, is_drug_service)
select 'dip_episode.' || column_name, 'outbound_drug_service', column_name, true
from unnest(array['area', 'referred_on', 'caseload_on', 'treatment_on']) as column_name;

-- The register. A delivery is finished once its manifest lies in its folder; one that a killed run left behind is abandoned; one that
-- would have said what the agency has already was not sent.
create table audit.outbound (
    outbound_id bigint generated always as identity primary key,
    recipient text not null,
    sequence bigint not null check (sequence > 0),
    business_date date not null,
    build_id bigint not null references audit.build,
    opened_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    abandoned_at timestamptz,
    nothing_new_at timestamptz,
    removed_at timestamptz check (removed_at is null or finished_at is not null),
    unique (recipient, sequence),
    check (num_nonnulls(finished_at, abandoned_at, nothing_new_at) < 2)
);
comment on table audit.outbound is 'One row per delivery folder that was made for an agency.';
comment on column audit.outbound.nothing_new_at is 'When it was seen that it is its agency''s last finished delivery over again, and the folder was cleared.';
comment on column audit.outbound.removed_at is 'When its finished folder was taken out of the outbox: a newer one took its place, or nothing may be sent to the agency any more.';

create table audit.disclosure (
    disclosure_id bigint generated always as identity primary key,
    outbound_id bigint not null references audit.outbound,
    file text not null,
    columns text[] not null,
    sources text[] not null,
    agreement_id text not null,
    legal_gateway text not null,
    purpose text not null,
    opening_event bigint not null references audit.event,
    opened_in xid8 not null default pg_current_xact_id(),
    file_name text,
    rows bigint check (rows >= 0),
    sha256 text,
    content_sha256 text,
    is_encrypted boolean,
    openpgp_key text check ((openpgp_key is not null) = coalesce(is_encrypted, false)),
    event_id bigint references audit.event,
    unique (outbound_id, file),
    check (num_nulls(file_name, rows, sha256, content_sha256, is_encrypted, event_id) in (0, 6))
);
comment on column audit.disclosure.content_sha256 is 'Checksum before encryption: two files that say the same have the same.';
comment on column audit.disclosure.openpgp_key is 'Fingerprint of the key that it was encrypted to; null for a plain file.';
comment on table audit.disclosure is 'One row per file that was made for an agency: its columns, the agreement and law it rests on, what was written. The names of columns, no values.';

create table audit.disclosed_person (
    disclosure_id bigint not null references audit.disclosure,
    person_key bigint not null,
    primary key (disclosure_id, person_key)
);
comment on table audit.disclosed_person is 'One row per file that was made for an agency and person in it, but of deliveries with nothing new: answers who was told about a person.';
create index disclosed_person_person on audit.disclosed_person (person_key);

-- Definitions in force on a night, by the configuration that was applied last. An agreement that was taken away binds no longer tonight.
create function access.agreements_on(night date)
returns table (agreement_id text, from_agency text, to_agency text, legal_gateway text, purpose text, files text[], columns text[], signed_on date, review_on date)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select distinct on (a.agreement_id)
            a.agreement_id, a.from_agency, a.to_agency, a.legal_gateway, a.purpose, string_to_array(a.files, ';'), string_to_array(a.columns, ';'),
            a.signed_on, a.review_on
        from reference.agreements a
        where a.closed_by_configuration is null and a.effective_from <= night
        order by a.agreement_id, a.effective_from desc;
end $$;
comment on function access.agreements_on is 'One row per sharing agreement, as it is defined on a night. For functions of the owner.';

create function access.outbound_columns_on(night date)
returns table (recipient text, file text, column_name text, source text, relation text, source_column text, is_own_record boolean, is_drug_service boolean)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
        select o.recipient, o.file, o."column", o.source, s.relation, s.column_name, s.is_own_record, s.is_drug_service
        from (
            select distinct on (recipient, file, "column") recipient, file, "column", source
            from reference.outbound
            where closed_by_configuration is null and effective_from <= night
            order by recipient, file, "column", effective_from desc
        ) o
        left join access.outbound_source s on s.source = o.source;
end $$;
comment on function access.outbound_columns_on is 'One row per column of an outbound file; where its source is not on the closed list, nothing is known of it. For functions of the owner.';

create function access.own_files(recipient text, night date) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(distinct file), '{}')
    from access.agreements_on(night) a cross join unnest(a.files) as file
    where a.from_agency = recipient
      and file in ('police_person', 'probation_person', 'prison_person', 'dip_client', 'hub_case')
$$;
comment on function access.own_files is 'The files of people that an agency gives us, as the agreements say: whoever stands in them the agency knows. For functions of the owner.';

-- Of several agreements that cover a file the one in force counts, then the one that covers most of its columns; for columns of drug services one
-- that names columns before one that names none.
create function access.feedback_plan(night date)
returns table (recipient text, file text, columns text[], sources text[], agreement_id text, legal_gateway text, purpose text, fault text,
    is_of_the_day boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with planned as (
        select c.recipient, c.file,
               array_agg(c.column_name order by c.is_own_record desc nulls last, c.column_name) as columns,
               array_agg(c.source order by c.is_own_record desc nulls last, c.column_name) as sources,
               count(distinct c.relation) filter (where c.is_own_record) as n_own_files,
               count(*) filter (where not c.is_own_record) as n_told,
               count(distinct c.relation) filter (where c.relation in ('custody_movement', 'agency_agenda')) as n_lists,
               min(c.column_name || ' (' || c.source || ')') filter (where c.relation is null) as unknown,
               min(c.column_name || ' (' || c.source || ')') filter (where c.is_own_record and c.relation <> all(access.own_files(c.recipient, night))) as of_others,
               min(c.column_name) filter (where c.is_drug_service) as of_drug_services
        from access.outbound_columns_on(night) c
        group by c.recipient, c.file
    ),
    agreed as (
        select p.*, a.agreement_id, a.legal_gateway, a.purpose, a.signed_on, a.review_on, a.columns is not null as names_columns, a.outside
        from planned p
        left join lateral (
            select g.*, (select min(c) from unnest(p.columns) c where c <> all(g.columns)) as outside
            from access.agreements_on(night) g
            where g.to_agency = p.recipient and p.file = any(g.files)
            order by night between g.signed_on and g.review_on desc, p.of_drug_services is not null and g.columns is null,
                     (select count(*) from unnest(p.columns) c where c <> all(g.columns)), g.agreement_id
            limit 1
        ) a on true
    )
    select recipient, file, columns, sources, agreement_id, legal_gateway, purpose,
        'The file ' || file || ' for ' || recipient || ' is not sent: ' || case
            when unknown is not null then 'the column ' || unknown || ' has a source that is not on the list of what may be sent. Take one of the list, or the column out of outbound.csv.'
            when of_others is not null then 'the column ' || of_others || ' shows the records of another agency. Take it out of outbound.csv.'
            when n_own_files <> 1 then 'it must show whom it is about by records of the recipient''s own, of one kind; it has ' || n_own_files || '. Put that right in outbound.csv.'
            when n_told = 0 then 'it has no column but the recipient''s own. Add one in outbound.csv.'
            when n_lists > 1 then 'it shows two lists that have several rows for a person. Make two files of them in outbound.csv.'
            when agreement_id is null then 'no agreement with ' || recipient || ' in agreements.csv covers it.'
            when night < signed_on then 'the agreement ' || agreement_id || ' is not signed before ' || signed_on || '.'
            when night > review_on then 'the agreement ' || agreement_id || ' was to be reviewed by ' || review_on || '. Review it and enter the new day in agreements.csv.'
            when outside is not null then 'the column ' || outside || ' is outside the agreement ' || agreement_id || '. Take it out of outbound.csv, or agree it.'
            when of_drug_services is not null and not names_columns
                then 'the column ' || of_drug_services || ' comes from drug services, and the agreement ' || agreement_id || ' does not name it. Name the columns in agreements.csv.'
        end,
        unknown is null and of_others is null and n_own_files = 1 and n_told > 0 and n_lists < 2 and coalesce(night not between signed_on and review_on, false)
    from agreed
    order by recipient, file
$$;
comment on function access.feedback_plan is 'One row per outbound file: its columns with their sources, the agreement it rests on, and why it may not be sent on this night; fault is null when it may, and is_of_the_day where it is the days of the agreement, which come and go.';
revoke execute on function access.agreements_on, access.outbound_columns_on, access.own_files, access.feedback_plan from public;
grant execute on function access.feedback_plan to iom_publisher;
grant select on audit.outbound, audit.disclosure to iom_publisher;
revoke select on audit.disclosed_person from iom_steward;  -- being in a file of drug services says that somebody is their client

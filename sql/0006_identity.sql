-- Who is who: people, the links of source records to them, and what kept records apart. A person_key is minted once and never
-- reused. History is append-only: a link is closed by a later run, never changed, and nobody but the owner can delete.
create table identity.linkage_run (
    run_id bigint generated always as identity primary key,
    method text not null,
    vintage jsonb not null check (jsonb_typeof(vintage) = 'object'),
    reference_digest text not null default '',
    last_decision bigint not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    records bigint,
    people bigint,
    minted bigint,
    links_opened bigint,
    links_closed bigint,
    conflicts bigint,
    after_past_run bigint references identity.linkage_run check (after_past_run < run_id),
    constraint counts_come_with_the_end check (
        num_nulls(finished_at, records, people, minted, links_opened, links_closed, conflicts) in (0, 7)
    ),
    check (finished_at >= started_at)
);
comment on table identity.linkage_run is 'One row per run of the linkage that saw new data: the vintage it saw, its method, and what it did. Holds counts only.';
comment on column identity.linkage_run.vintage is 'Feed -> last published sequence that the run saw, for the feeds that hold people.';
comment on column identity.linkage_run.method is 'Name and version of the matching method; another version links afresh.';
comment on column identity.linkage_run.reference_digest is 'Digests of the nicknames and bad values, of the files of the model, and of the code with the rules, that the run used; others link afresh: a new release of the linkage links everybody on its first night, once.';
comment on column identity.linkage_run.last_decision is 'The last decision of a steward that the run knew; 0 before the first. Of a past night those made by its cut-off are known.';
comment on column identity.linkage_run.conflicts is 'Conflicts open at the end of the run.';
comment on column identity.linkage_run.after_past_run is 'The run of a past night, after which this one put the links back that there were before it; null of every other.';
create index linkage_run_vintage on identity.linkage_run (vintage, last_decision);

create table identity.person (
    person_key bigint generated always as identity primary key,
    minted_at timestamptz not null,
    minted_by_run bigint not null references identity.linkage_run
);
comment on table identity.person is 'One row per person_key ever minted. A key without an open link belongs to a person who was merged into another or has left every feed.';

create table identity.link (
    source_file text not null,
    source_key text not null,
    person_key bigint not null references identity.person,
    method text not null,
    evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
    opened_by_run bigint not null references identity.linkage_run,
    closed_by_run bigint references identity.linkage_run,
    linked_from timestamptz not null,
    linked_to timestamptz,
    primary key (source_file, source_key, opened_by_run),
    constraint closed_after_opened check (closed_by_run > opened_by_run and linked_to >= linked_from),
    constraint closing_has_run_and_time check (num_nulls(closed_by_run, linked_to) in (0, 2))
);
comment on table identity.link is 'One row per source record and stretch of runs in which it belonged to one person for the same reasons. As known at run R: opened_by_run <= R and (closed_by_run is null or closed_by_run > R).';
comment on column identity.link.source_key is 'Key of the record in its feed, such as police_ref, crn, prison_number, client_ref or case_ref.';
comment on column identity.link.method is 'What joins the record to others of its person: the model and its version, dip identifier, steward, or single when nothing does.';
comment on column identity.link.evidence is 'edges: up to three records of the person with the strongest evidence, each with record (file, blank, key), weight and levels of agreement; decisions: those of stewards that joined it. Holds no names, dates or identifiers beyond the keys.';
create unique index one_open_link_per_record on identity.link (source_file, source_key) where closed_by_run is null;
create index link_person on identity.link (person_key);
create index link_opened_by_run on identity.link (opened_by_run);
create index link_closed_by_run on identity.link (closed_by_run) where closed_by_run is not null;

create table identity.conflict (
    conflict_id bigint generated always as identity primary key,
    kind text not null check (kind in ('two_pncs', 'suspected_twins', 'steward_different', 'identifier_contradicted', 'dip_ambiguous', 'dip_contradicted')),
    identifier_kind text check (identifier_kind in ('pnc', 'cro', 'prison_number', 'crn')),
    source_file text not null,
    source_key text not null,
    other_source_file text not null,
    other_source_key text not null,
    found_by_run bigint not null references identity.linkage_run,
    closed_by_run bigint references identity.linkage_run,
    check (closed_by_run > found_by_run),
    check ((source_file, source_key) <> (other_source_file, other_source_key))
);
comment on table identity.conflict is 'One row per pair of records that were kept apart against strong evidence, for a steward to look at. Open while closed_by_run is null.';
comment on column identity.conflict.kind is 'two_pncs: joining would give a person two valid PNCs; suspected_twins; steward_different: a steward said so; identifier_contradicted: they share an identifier, the rest speaks against it; dip_ambiguous: the identifiers of a DIP client belong to more than one person; dip_contradicted: birth date and initials are not those of the person who holds it.';
comment on column identity.conflict.identifier_kind is 'The identifier that both have, where the conflict is about one.';
create unique index one_open_conflict_per_pair on identity.conflict
    (kind, identifier_kind, source_file, source_key, other_source_file, other_source_key) nulls not distinct
    where closed_by_run is null;

grant select, insert, maintain on all tables in schema identity to iom_linker;
grant update (finished_at, records, people, minted, links_opened, links_closed, conflicts) on identity.linkage_run to iom_linker;
grant update (closed_by_run, linked_to) on identity.link to iom_linker;
grant update (closed_by_run) on identity.conflict to iom_linker;
grant select on identity.linkage_run to iom_transformer;
grant select (source_file, source_key, person_key, method, opened_by_run, closed_by_run) on identity.link to iom_transformer;

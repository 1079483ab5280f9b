-- How good each run of the linkage left things, in numbers: what the marts, the report and the alerts read. Kept for every run, so
-- that a night can be set beside another, and an earlier night shows what was known then.
create table audit.linkage_quality (
    run_id bigint not null,
    figure text not null check (figure in (
        'records', 'people', 'linked_records', 'linked_people', 'people_in_common', 'people_by_size', 'largest_person',
        'identifiers_used', 'identifiers_rejected', 'uncertain_pairs', 'conflicts', 'decisions', 'name_beyond_model')),
    feed text not null default '',
    item text not null default '',
    reason text not null default '',
    n bigint not null check (n >= 0),
    of_n bigint check (of_n >= n),
    primary key (run_id, figure, feed, item, reason)
);
comment on table audit.linkage_quality is 'One row per run of identity.linkage_run, figure, feed, item and reason. Holds counts only.';
comment on column audit.linkage_quality.figure is 'records, people: of a feed. linked_records: of a feed, whose person another feed knows too. linked_people: of a feed, whom another feed knows too. people_in_common: of a feed, whom the feed in item knows too. people_by_size: by the number of their records, in item. largest_person: the most records that one person has. identifiers_used, identifiers_rejected: records of a feed whose identifier, in item, is matched on or not. uncertain_pairs: of different people, at which a steward should look, by kind. conflicts: open ones, by kind. decisions: of stewards that stand, by kind. name_beyond_model: of the surname or forename, in item, that is furthest beyond the frequency that the model takes it to have, what reason says.';
comment on column audit.linkage_quality.reason is 'Of a rejected identifier: invalid, of a year in which a PNC cannot have been given, on too many records, or the reason of the bad value. Of a name beyond the model: times (how many times as common it is), records (that have it), rank (by records).';
comment on column audit.linkage_quality.of_n is 'What n is a part of: records or people of the feed, people, or records with the identifier; null where it is part of nothing.';

grant insert on audit.linkage_quality to iom_linker;
grant select on audit.linkage_quality to iom_linker, iom_loader, iom_transformer, iom_publisher, iom_steward, iom_auditor;

-- Everybody in a few dozen rows, which each run brings up to date: a night need not count everybody again.
create table identity.people_alike (
    files jsonb primary key check (jsonb_typeof(files) = 'object'),
    records bigint not null,
    people bigint not null check (people > 0)
);
comment on table identity.people_alike is 'One row per combination of files and numbers of records in each that people have, as of the last run. Holds counts only.';
comment on column identity.people_alike.files is 'Source file -> how many records of it such a person has.';
comment on column identity.people_alike.records is 'How many records such a person has in all.';

grant select, insert, update, delete on identity.people_alike to iom_linker;

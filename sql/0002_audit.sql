-- The ledger. It answers: what arrived, what became of every row, which checks ran, what was built from it, who looked.

create table audit.delivery (
    delivery_id bigint generated always as identity primary key,
    feed text not null,
    folder text not null,
    manifest_sha256 text not null,
    business_date date,
    sequence bigint,
    extract text check (extract in ('full', 'changes')),
    base_sequence bigint,
    extracted_at timestamptz,
    contract_version text,
    status text not null default 'received' check (status in ('received', 'landed', 'validated', 'published', 'refused')),
    attempt integer not null default 1 check (attempt > 0),
    received_at timestamptz not null default now(),
    landed_at timestamptz,
    validated_at timestamptz,
    decided_at timestamptz,
    unique (feed, folder, manifest_sha256),
    check ((status in ('published', 'refused')) = (decided_at is not null)),
    check (status <> 'published' or (business_date, sequence, extract, extracted_at) is not null)
);
comment on table audit.delivery is 'One row per delivery folder as it was received. A folder whose manifest changes is a new delivery.';
create unique index delivery_published_sequence on audit.delivery (feed, sequence) where status = 'published';

create table audit.file_load (
    delivery_id bigint not null references audit.delivery,
    file text not null,
    sha256 text,
    rows_in_manifest bigint,
    rows_in_file bigint,
    rows_unchanged bigint,
    rows_new bigint,
    rows_changed bigint,
    rows_deleted bigint,
    rows_rejected bigint,
    rows_gone bigint,
    rows_taken_up bigint not null default 0 check (rows_taken_up >= 0),
    primary key (delivery_id, file),
    constraint every_row_is_accounted_for check (
        rows_new is null
        or rows_in_file is not null
        and rows_in_file = rows_unchanged + rows_new + rows_changed + rows_deleted + rows_rejected
    ),
    constraint counts_are_not_negative check (
        least(rows_in_manifest, rows_in_file, rows_unchanged, rows_new, rows_changed, rows_deleted, rows_rejected, rows_gone) >= 0
    ),
    constraint counts_come_together check (
        num_nulls(rows_unchanged, rows_new, rows_changed, rows_deleted, rows_rejected, rows_gone) in (0, 6)
    ),
    constraint only_what_was_taken_up_comes_without_a_file check (
        sha256 is not null or rows_in_manifest is null and rows_in_file = 0 and rows_taken_up > 0
    )
);
comment on table audit.file_load is
    'One row per file of a delivery, with what became of its rows. A file that did not come, but of which rows were taken up, has no checksum.';
comment on column audit.file_load.rows_gone is 'Current rows that a full file no longer has.';
comment on column audit.file_load.rows_taken_up is
    'Rows kept back earlier, for want of the row they refer to, that this delivery took up. Not among the rows of its file.';

create function audit.published_deliveries_are_counted() returns trigger language plpgsql as $$
begin
    if new.status = 'published' and exists (
        select from audit.file_load where delivery_id = new.delivery_id and rows_new is null
    ) then
        raise exception 'delivery % cannot be published: a file of it has no counts', new.delivery_id;
    end if;
    return null;
end $$;
create constraint trigger published_deliveries_are_counted after insert or update on audit.delivery
    deferrable initially deferred for each row execute function audit.published_deliveries_are_counted();

create table audit.validation_result (
    delivery_id bigint not null references audit.delivery,
    attempt integer not null,
    file text not null,
    rule_id text not null,
    expectation text not null,
    column_name text,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    dimension text,
    success boolean not null,
    is_exempt boolean not null default false,
    element_count bigint,
    unexpected_count bigint,
    validated_at timestamptz not null default now(),
    primary key (delivery_id, attempt, rule_id)
);
comment on table audit.validation_result is 'One row per delivery, attempt and rule that Great Expectations decided. Holds counts, never values of rows.';
create index validation_result_rule on audit.validation_result (rule_id, delivery_id);

create table audit.delivery_finding (
    finding_id bigint generated always as identity primary key,
    delivery_id bigint not null references audit.delivery,
    attempt integer not null,
    file text,
    line_number bigint,
    column_name text,
    rule_id text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    message text not null,
    found_at timestamptz not null default now()
);
comment on column audit.delivery_finding.line_number is 'Line of the file, from 1, the header row; empty where the finding is of no line.';
comment on table audit.delivery_finding is 'Why a delivery was refused, and notes about one that was not. One row per finding; no values of rows.';
create index delivery_finding_delivery on audit.delivery_finding (delivery_id);

create table audit.rejected_row (
    rejection_id bigint generated always as identity primary key,
    delivery_id bigint not null references audit.delivery,
    feed text not null,
    file text not null,
    row_number bigint not null,
    column_name text,
    rule_id text not null,
    rejected_at timestamptz not null default now(),
    closure text check (closure in ('corrected', 'repeated', 'rejected_again', 'withdrawn')),
    closed_by_delivery bigint references audit.delivery,
    closed_at timestamptz,
    unique (delivery_id, file, row_number, rule_id),
    check (num_nulls(closure, closed_by_delivery, closed_at) in (0, 3))
);
comment on table audit.rejected_row is 'One row per rejected row and rule it broke, with what became of it. The content is in quarantine.rejected_row.';
create index rejected_row_open on audit.rejected_row (file) where closed_at is null;

create table quarantine.rejected_row (
    delivery_id bigint not null references audit.delivery,
    file text not null,
    row_number bigint not null,
    key text,
    content jsonb not null,
    primary key (delivery_id, file, row_number)
);
comment on table quarantine.rejected_row is 'One row per rejected row of a published delivery, with its content as delivered. key is null where it cannot be read.';
create index rejected_row_key on quarantine.rejected_row (file, key);

create table audit.exemption (
    exemption_id bigint generated always as identity primary key,
    feed text not null,
    rule_id text not null,
    reason text not null check (length(reason) >= 10),
    granted_by text not null check (length(btrim(granted_by)) > 1),
    granted_at timestamptz not null default now(),
    expires_on date not null check (expires_on <= granted_at::date + 92),
    withdrawn_at timestamptz,
    withdrawn_by text check (length(btrim(withdrawn_by)) > 1),
    withdrawn_because text check (length(withdrawn_because) >= 10),
    check (num_nulls(withdrawn_at, withdrawn_by, withdrawn_because) in (0, 3))
);
comment on table audit.exemption is
    'A critical rule set aside for a while, with a reason and an end of at most three months, or until somebody withdrew it.';

create table audit.configuration (
    configuration_id bigint generated always as identity primary key,
    sha256 text not null,
    folder text not null,
    applied_at timestamptz not null default now()
);
comment on table audit.configuration is 'One row per version of the partnership''s configuration that was applied.';

create table audit.build (
    build_id bigint generated always as identity primary key,
    business_date date not null,
    kind text not null check (kind in ('nightly', 'as_of')),
    schema_prefix text not null default '',
    linkage_run bigint,
    configuration_id bigint references audit.configuration,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    status text not null default 'running' check (status in ('running', 'succeeded', 'failed')),
    failure text check (failure is null or status = 'failed'),
    transformed_at timestamptz,
    since_build bigint references audit.build check (since_build <> build_id),
    scope_reason text,
    project_sha256 text,
    constraint scope_comes_with_its_reason check (num_nulls(transformed_at, scope_reason, project_sha256) in (0, 3))
);
comment on table audit.build is 'One row per build of the marts. linkage_run and configuration_id are part of its vintage.';
comment on column audit.build.failure is 'Why it failed, without values of rows.';
comment on column audit.build.transformed_at is 'When dbt began, for the last time where the build was tried again.';
comment on column audit.build.since_build is 'The completed build since which only what may differ was made again; null when everything was made from nothing.';
comment on column audit.build.scope_reason is 'Why everything was made from nothing, or how many people were made again.';
comment on column audit.build.project_sha256 is 'Digest of the files of the dbt project.';

create table audit.build_vintage (
    build_id bigint not null references audit.build,
    feed text not null,
    sequence bigint,
    business_date date,
    extracted_at timestamptz,
    state text not null check (state in ('fresh', 'stale', 'absent')),
    days_stale integer,
    primary key (build_id, feed)
);
comment on table audit.build_vintage is 'One row per build and feed: the last published delivery that the build saw.';

create table audit.alert (
    alert_id bigint generated always as identity primary key,
    feed text,
    kind text not null,
    business_date date,
    message text not null,
    raised_at timestamptz not null default now(),
    sent_at timestamptz,
    closed_at timestamptz,
    closed_by text,
    closed_because text check (length(closed_because) >= 10),
    is_closed_for_good boolean not null default false,
    check (num_nulls(closed_at, closed_by, closed_because) in (0, 3)),
    check (closed_at is not null or not is_closed_for_good)
);
create unique index one_alert on audit.alert (feed, kind, business_date) nulls not distinct where closed_at is null or is_closed_for_good;
comment on table audit.alert is
    'One row per alert: a feed late, stale or never delivered, a delivery refused, the linkage unusual, a task or a build failed. Closed by a person, or by the delivery that came or the night that was as usual.';

create table audit.event (
    event_id bigint generated always as identity primary key,
    happened_at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    reason text not null,
    details jsonb not null,
    previous_hash bytea not null,
    hash bytea not null
);
comment on table audit.event is 'Append-only, hash-chained log of collection, looks, disclosures and decisions.';

create function audit.event_hash(previous bytea, happened_at timestamptz, actor text, action text, subject text, reason text, details jsonb)
returns bytea language sql stable as $$
    select sha256(previous || convert_to(
        jsonb_build_array(extract(epoch from happened_at), actor, action, subject, reason, details)::text, 'UTF8'))
$$;

create function audit.record_event(action text, subject text, reason text, details jsonb default '{}') returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    previous bytea;
    moment timestamptz;
    id bigint;
begin
    begin
        perform pg_advisory_xact_lock(hashtext('audit.event'));  -- one chain, so one writer at a time
    exception when lock_not_available then
        raise exception 'another transaction that wrote to audit.event is still open' using errcode = 'lock_not_available',
            hint = 'pg_locks and pg_stat_activity show whose; end it with pg_terminate_backend and run this again.';
    end;
    select e.hash into previous from audit.event e order by e.event_id desc limit 1;
    moment := clock_timestamp();
    previous := coalesce(previous, ''::bytea);
    insert into audit.event (happened_at, actor, action, subject, reason, details, previous_hash, hash)
    values (moment, session_user, action, subject, reason, details, previous,
            audit.event_hash(previous, moment, session_user, action, subject, reason, details))
    returning event_id into id;
    return id;
end $$;
comment on function audit.record_event is 'Append an event to the chain in the name of the role that logged in; returns its number.';

create function audit.first_broken_event() returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select min(event_id) from (
        select event_id, previous_hash, hash,
               lag(hash, 1, ''::bytea) over (order by event_id) as expected_previous,
               audit.event_hash(previous_hash, happened_at, actor, action, subject, reason, details) as expected_hash
        from audit.event
    ) chain
    where previous_hash <> expected_previous or hash <> expected_hash
$$;
comment on function audit.first_broken_event is 'Number of the first event that does not fit the chain; null when the chain holds.';

create function audit.events_stay() returns trigger language plpgsql as $$
begin
    raise exception 'audit.event is append-only';
end $$;
create trigger events_stay before update or delete or truncate on audit.event
    for each statement execute function audit.events_stay();

revoke execute on function audit.record_event, audit.first_broken_event from public;
grant execute on function audit.record_event to iom_loader, iom_linker, iom_transformer, iom_publisher;

grant select on all tables in schema audit to iom_loader, iom_linker, iom_transformer, iom_publisher;
-- Who looked at whom, and why, is for auditors. A report and its trace need where the chain stood, and nothing of what happened.
revoke select on audit.event from iom_loader, iom_linker, iom_transformer, iom_publisher;
grant select (event_id, hash) on audit.event to iom_publisher;
grant insert, update on audit.delivery, audit.file_load, audit.rejected_row, audit.validation_result to iom_loader;
grant insert on audit.delivery_finding, audit.alert to iom_loader;
grant select on audit.alert to iom_display;  -- it answers browsers, and reads nothing else
grant update (sent_at, closed_at, closed_by, closed_because, is_closed_for_good) on audit.alert to iom_loader;
grant insert, select, delete on quarantine.rejected_row to iom_loader;
grant insert, update on audit.build to iom_transformer;
grant insert on audit.build_vintage to iom_transformer;

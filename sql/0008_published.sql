-- What reports show. Every figure is stored as it was released, after disclosure control, with what is needed to understand and trace it.
-- Nothing here is ever changed: a correction is a new report. A hidden figure has no value here at all.
create table published.report (
    report_id bigint generated always as identity primary key,
    kind text not null,
    definition_version text not null,
    area text not null default 'all',
    area_name text not null default '',
    sections text[] not null,
    period_start date not null,
    period_end date not null,
    audience text not null,
    build_id bigint not null references audit.build,
    business_date date not null,
    data_cut date,
    classification text not null,
    title text not null,
    main_points text[] not null,
    created_at timestamptz not null default now(),
    created_in xid8 not null default pg_current_xact_id(),
    audit_head bytea not null,
    issue integer not null default 1,
    unique (kind, area, period_start, period_end, audience, build_id, issue),
    check (period_end >= period_start)
);
comment on table published.report is 'One row per report: a kind, a period, an area, an audience and the build it was made from. The same again is the same report, unless that was withdrawn.';
comment on column published.report.area is 'Code of the area that it is about; all for the whole partnership.';
comment on column published.report.sections is 'Sections in the order of print, also those without tables.';
comment on column published.report.created_in is 'The transaction that made it: no other adds figures to it.';
comment on column published.report.issue is 'Counts the reports of the same kind, period, area, audience and build; all but the last are withdrawn.';
comment on column published.report.data_cut is 'Earliest day that the data of its figures reach to.';
comment on column published.report.audit_head is 'Hash of the newest event of audit.event when the report was made, its own among them.';

create table published.report_table (
    report_id bigint not null references published.report,
    table_name text not null,
    table_order integer not null,
    section text not null,
    title text not null,
    row_heading text not null default 'Group',
    meaning text not null,
    caveat text not null default '',
    when_empty text not null,
    charts text[] not null default '{}',
    measure_id text,
    measure_version text,
    cohort_id text,
    source_systems text[] not null default '{}',
    rule_parameters jsonb not null default '{}',
    primary key (report_id, table_name)
);
comment on table published.report_table is 'One row per table of a report: what it says and does not say in plain English, and the parameters of its rule.';
comment on column published.report_table.row_heading is 'What the rows of the table are, such as Agency or Month.';
comment on column published.report_table.when_empty is 'What the report says in its place when the table has no rows.';

create table published.figure (
    report_id bigint not null,
    table_name text not null,
    row_order integer not null,
    column_order integer not null,
    row_group text not null default '',
    row_label text not null,
    column_name text not null,
    column_title text not null,
    value numeric,
    ci_low numeric,
    ci_high numeric,
    value_text text not null check (value_text <> ''),
    note text not null default '',
    suppression_status text not null
        check (suppression_status in ('shown', 'rounded', 'flagged', 'suppressed', 'suppressed_with_another', 'missing')),
    measure_id text,
    measure_version text,
    cohort_id text,
    period_start date,
    period_end date,
    horizon_days integer,
    data_cut date,
    maturity text check (maturity in ('provisional', 'final')),
    fact text,
    primary key (report_id, table_name, row_order, column_order),
    foreign key (report_id, table_name) references published.report_table,
    check (value <> 'NaN'),
    check (suppression_status not in ('suppressed', 'suppressed_with_another', 'missing') or num_nonnulls(value, ci_low, ci_high) = 0)
);
comment on column published.figure.fact is 'Name of the count that stands here, the same in every release; empty for what is not a count.';
create index on published.figure (fact) where fact is not null;
comment on table published.figure is 'One row per cell of a table of a report, as released. value is empty where the cell is words, missing or hidden.';

create table published.worked_out (
    report_id bigint not null references published.report,
    fact text not null,
    least bigint not null,
    most bigint check (most >= least),
    primary key (report_id, fact)
);
comment on table published.worked_out is
    'What holders of a report can work out, from it and from earlier ones, of counts that it does not show: later reports must not tell more. An empty most has no end.';

create function published.stays_as_released() returns trigger language plpgsql as $$
begin
    raise exception 'published figures stay as they were released; a correction is a new report';
end $$;
create trigger stays before update or delete or truncate on published.report
    for each statement execute function published.stays_as_released();
create trigger stays before update or delete or truncate on published.report_table
    for each statement execute function published.stays_as_released();
create trigger stays before update or delete or truncate on published.figure
    for each statement execute function published.stays_as_released();
create trigger stays before update or delete or truncate on published.worked_out
    for each statement execute function published.stays_as_released();

-- The report role renders pages, and can read nothing but what was released.
do $$ begin  -- roles belong to the whole server, so another warehouse on it may have made it
    if not exists (select from pg_roles where rolname = 'iom_report') then
        create role iom_report nologin;
    end if;
end $$;
grant iom_report to iom_publisher;
grant usage on schema published to iom_report;
grant select, insert on published.report, published.report_table, published.figure, published.worked_out to iom_publisher;
grant select on published.report, published.report_table
    to iom_report, iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor;
grant select on published.figure to iom_report, iom_analyst, iom_steward, iom_auditor;
-- Readers see a hidden count as it is printed: why it is hidden would tell a small one from one that is hidden for its sake, and the
-- name of the count would join what different reports show of it.
grant select (report_id, table_name, row_order, column_order, row_group, row_label, column_name, column_title, value, ci_low, ci_high,
    value_text, note, measure_id, measure_version, cohort_id, period_start, period_end, horizon_days, data_cut, maturity)
    on published.figure to iom_practitioner, iom_commissioner;

-- Stages see every report; which ones a person sees is in 0016_sign_off.sql.
alter table published.report enable row level security;
create policy rendering on published.report for select to iom_report using (true);
create policy publishing on published.report to iom_publisher using (true) with check (true);
alter table published.report_table enable row level security;
create policy of_visible_reports on published.report_table using (report_id in (select r.report_id from published.report r));
alter table published.figure enable row level security;
create policy of_visible_reports on published.figure using (report_id in (select r.report_id from published.report r));
alter table published.worked_out enable row level security;
create policy of_visible_reports on published.worked_out using (report_id in (select r.report_id from published.report r));

-- The files of a released report as they were when it was released: what is served and sent is held against them. Who reads which page
-- behind the login of the pages.
create table published.report_file (
    report_id bigint not null references published.report,
    state text not null check (state in ('released', 'replaced')),
    format text not null check (format in ('html', 'pdf', 'xlsx', 'csv')),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    event_id bigint not null,
    primary key (report_id, state, format)
);
comment on table published.report_file is
    'One row per released report, format and standing with the SHA-256 of its file: a file shows words and drawings that no figure holds. A replaced report says so, so its files are others.';
comment on column published.report_file.event_id is 'The event of audit.event that holds the digest too; kept without a reference, as what is published outlives the ledger.';
create trigger stays before update or delete or truncate on published.report_file
    for each statement execute function published.stays_as_released();
grant select on published.report_file to iom_publisher, iom_auditor;
alter table published.report_file enable row level security;
create policy of_visible_reports on published.report_file for select using (report_id in (select r.report_id from published.report r));

create function access.keep_files(number bigint, written_as text, files jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    standing text;
    other text;
    added jsonb;
begin
    perform pg_advisory_xact_lock(hashtext('published.report'));  -- neither signed off nor kept by another meanwhile
    standing := (select s.state from published.report_state s where s.report_id = number);
    if standing is null or standing not in ('released', 'replaced') then
        raise exception 'report % is %, so none of its files is kept', number, coalesce(standing, 'not there');
    elsif standing <> written_as then
        raise exception 'report % is %, and its files were written when it was %', number, standing, written_as
            using hint = 'It was signed off meanwhile. Run the same again: it writes them as the report stands now.';
    elsif not coalesce(access.content_as_signed(number), false) then
        raise exception 'report % does not show what was signed off', number using hint = 'Tell the auditor; withdraw it and make it again.';
    end if;
    select string_agg(given.key, ', ' order by given.key) into other
    from jsonb_each_text(files) given
    join published.report_file f on f.report_id = number and f.state = standing and f.format = given.key and f.sha256 <> given.value;
    if other is not null then
        raise exception 'report % would not be the one that was released, in the format %', number, other
            using hint = 'The program that writes it is another one since. Bring the file back from a backup, or withdraw the report and make it again.';
    end if;
    select jsonb_object_agg(given.key, given.value) into added
    from jsonb_each_text(files) given
    where not exists (select from published.report_file f where f.report_id = number and f.state = standing and f.format = given.key);
    if added is not null then
        insert into published.report_file (report_id, state, format, sha256, event_id)
        select number, standing, given.key, given.value, kept.event_id
        from jsonb_each_text(added) given,
            (select audit.record_event('keep files', 'report ' || number, 'as they were written when it was ' || standing, added) as event_id offset 0) kept;
    end if;
end $$;
comment on function access.keep_files is
    'Keeps the digests of a released report''s files, by format, with an event that holds them. written_as: how the report stood when they were written. Raises an error where it stands otherwise by now, and for a file that is another than was kept.';

-- Pages are read with a login of Airflow, whose API server asks here as iom_display: the login is the one of people_access.
create function access.pages_of(who text, is_administrator boolean, only_number bigint default null) returns table (report_id bigint, kind text,
    area text, period_start date, period_end date, audience text, classification text, title text, state text, version integer, files jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select r.report_id, r.kind, r.area, r.period_start, r.period_end, r.audience, r.classification, r.title, s.state, s.version,
        (select coalesce(jsonb_object_agg(f.format, f.sha256), '{}') from published.report_file f where f.report_id = r.report_id and f.state = s.state)
    from published.report r
    join published.report_state s on s.report_id = r.report_id
    where (only_number is null or r.report_id = only_number) and (is_administrator or r.report_id in (select access.reports_of(who)))
    order by r.report_id desc
$$;
comment on function access.pages_of is
    'One row per report whose page a login may read, the newest first: how it stands, and the digests of its files by format; those of a draft are not kept.';

revoke execute on function access.keep_files, access.pages_of from public;
grant execute on function access.keep_files to iom_publisher;
grant usage on schema access to iom_display;
grant execute on function access.pages_of to iom_display;

-- What a report rests on, kept with it: the deliveries, with what their validation found, and the true counts behind its figures.
create table published.report_delivery (
    report_id bigint not null references published.report,
    feed text not null,
    state text not null check (state in ('fresh', 'stale', 'absent')),
    delivery_id bigint,
    folder text,
    sequence bigint,
    extract text,
    business_date date,
    extracted_at timestamptz,
    manifest_sha256 text,
    contract_version text,
    files jsonb not null default '{}',
    unique nulls not distinct (report_id, feed, delivery_id)
);
comment on table published.report_delivery is
    'One row per report and delivery that its build rests on: of each feed the last full extract and the changes since. A feed that was never delivered has one row without a delivery.';
comment on column published.report_delivery.state is 'How the feed stood in the build.';
comment on column published.report_delivery.files is 'By file: rows, rows rejected, rules that held, failed, failed with an exemption, and were broken but only noted.';

create function access.validation_by_file(delivery bigint) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_object_agg(l.file, jsonb_build_object('rows', l.rows_in_file, 'rejected', l.rows_rejected,
        'passed', v.passed, 'failed', v.failed, 'exempted', v.exempted, 'noted', v.noted)), '{}')
    from audit.file_load l
    join audit.delivery d using (delivery_id)
    cross join lateral (
        select count(*) filter (where success) as passed,
            count(*) filter (where not success and severity <> 'info' and not is_exempt) as failed,
            count(*) filter (where not success and severity <> 'info' and is_exempt) as exempted,
            count(*) filter (where not success and severity = 'info') as noted
        from audit.validation_result r
        where r.delivery_id = d.delivery_id and r.attempt = d.attempt and r.file = l.file
    ) v
    where l.delivery_id = delivery
$$;
comment on function access.validation_by_file is 'What the validation of a delivery found, by file, as published.report_delivery keeps it.';

create function access.keep_deliveries() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into published.report_delivery
    select new.report_id, v.feed, v.state, d.delivery_id, d.folder, coalesce(d.sequence, v.last_sequence), d.extract, d.business_date, d.extracted_at,
        d.manifest_sha256, d.contract_version, coalesce(access.validation_by_file(d.delivery_id), '{}')
    from (
        select b.feed, b.state, b.sequence as last_sequence, (
            select max(f.sequence) from audit.delivery f
            where f.feed = b.feed and f.status = 'published' and f.extract = 'full' and f.sequence <= b.sequence
        ) as full_sequence
        from audit.build_vintage b where b.build_id = new.build_id
    ) v
    left join audit.delivery d on d.feed = v.feed and d.status = 'published'
        and d.sequence between coalesce(v.full_sequence, 0) and v.last_sequence;
    return null;
end $$;
create trigger keeps_deliveries after insert on published.report for each row execute function access.keep_deliveries();
create trigger stays before update or delete or truncate on published.report_delivery
    for each statement execute function published.stays_as_released();
grant select on published.report_delivery to iom_publisher, iom_report, iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor;
alter table published.report_delivery enable row level security;
create policy of_visible_reports on published.report_delivery using (report_id in (select r.report_id from published.report r));

-- True counts are no part of what is published: the role that renders pages cannot reach them here.
create table audit.figure_basis (
    report_id bigint not null,
    table_name text not null,
    row_order integer not null,
    column_order integer not null,
    counted bigint,
    numerator bigint,
    denominator bigint,
    made_of text[] not null default '{}',
    primary key (report_id, table_name, row_order, column_order),
    foreign key (report_id, table_name, row_order, column_order) references published.figure,
    check (num_nonnulls(counted, numerator, denominator) > 0)
);
comment on table audit.figure_basis is
    'One row per figure that is a count or is worked out of counts: those counts as the marts had them, before anything was hidden or rounded.';
comment on column audit.figure_basis.made_of is 'Columns of the same row that it is worked out of.';
create trigger is_whole after insert on audit.figure_basis referencing new table as added
    for each statement execute function access.report_is_whole();
create trigger stays before update or delete or truncate on audit.figure_basis
    for each statement execute function published.stays_as_released();
grant insert on audit.figure_basis to iom_publisher;
revoke select on audit.figure_basis from iom_steward, iom_auditor;  -- they look by the functions below, which write it down

-- As with a look at a person, the event is committed before a count is shown.
create function access.request_counts(report_id bigint, table_name text, row_order integer, column_name text, reason text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    place text := concat_ws('/', report_id, table_name, row_order, column_name);
    is_granted boolean;
    requested uuid;
begin
    perform access.check_reason(reason);
    -- true counts are what an internal report shows, so whoever may not read those may not have them here
    select access.covers_area(session_user, r.area)
        and exists (select from access.person_role p where p.login = session_user and access.reads_audience(p, 'internal'))
    into is_granted
    from published.figure f join published.report r on r.report_id = f.report_id
    where (f.report_id, f.table_name, f.row_order, f.column_name)
        = (request_counts.report_id, request_counts.table_name, request_counts.row_order, request_counts.column_name);
    if is_granted is null then
        raise exception 'there is no such figure' using hint = 'The trace page of the report lists its figures.';
    end if;
    insert into access.look_request (login, kind, item, event_id, is_granted)
    values (session_user, 'counts', place,
        audit.record_event('look at counts' || case when is_granted then '' else ' refused' end, 'figure ' || place, reason), is_granted)
    returning token into requested;
    return requested;
end $$;
comment on function access.request_counts is
    'First step of a look at the true counts behind a figure: writes the event and returns a token. Commit, then call access.counts_behind.';

create function access.counts_behind(token uuid) returns table (counted bigint, numerator bigint, denominator bigint, made_of text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    request access.look_request := access.committed_request(token, 'counts');
begin
    if not request.is_granted then
        raise exception 'this report is of no area of yours, or internal reports are not yours to read' using errcode = 'insufficient_privilege',
            hint = 'Ask your steward.';
    end if;
    return query
    select b.counted, b.numerator, b.denominator, b.made_of
    from audit.figure_basis b
    join published.figure f using (report_id, table_name, row_order, column_order)
    where f.report_id = split_part(request.item, '/', 1)::bigint
        and concat_ws('/', f.report_id, f.table_name, f.row_order, f.column_name) = request.item;
end $$;
comment on function access.counts_behind is
    'Second step: the true counts behind a figure, for those who work with figures before disclosure control and read internal reports, of reports of their areas.';

create function access.content_as_signed(number bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select bool_and(access.report_digest(number) = s.content_sha256 and s.content_sha256 = e.details ->> 'content_sha256')
    from published.sign_off s
    join audit.event e using (event_id)
    where s.report_id = number and s.step in ('check', 'release')
$$;
comment on function access.content_as_signed is
    'Whether a report still shows what was checked and released, by the register and by the audit chain; null before anybody has checked it.';

revoke execute on function access.validation_by_file, access.keep_deliveries, access.request_counts, access.counts_behind,
    access.content_as_signed from public;
grant execute on function access.request_counts, access.counts_behind to iom_analyst, iom_steward, iom_auditor;
grant execute on function access.content_as_signed to iom_publisher, iom_auditor;
grant execute on function audit.first_broken_event to iom_publisher;

-- Sign-off: a report is a draft until one person has checked it and another has released it, each with a login of their own.
-- The rules are in the trigger of published.sign_off, so they hold for whoever inserts a row. People reach it by access.sign_report.
create table published.sign_off (
    sign_off_id bigint generated always as identity primary key,
    report_id bigint not null references published.report,
    step text not null check (step in ('comment', 'check', 'send back', 'release', 'withdraw')),
    login text not null,
    reason text not null,
    replaces bigint references published.report check (replaces <> report_id),
    correction text check (length(btrim(correction)) between 5 and 1000),
    version integer check (version > 0),
    content_sha256 text,
    event_id bigint not null unique,
    signed_at timestamptz not null,
    constraint correction_names_what_it_corrects check (num_nulls(replaces, correction) in (0, 2)),
    constraint content_is_checked_and_released check ((step in ('check', 'release')) = (content_sha256 is not null)),
    constraint versions_are_released check ((step = 'release') = (version is not null)),
    check (replaces is null or step in ('check', 'release'))
);
comment on table published.sign_off is 'One row per step of a report''s sign-off, with the person and the reason. Append-only; each is an event of audit.event.';
comment on column published.sign_off.event_id is 'The step as an event of audit.event; kept without a reference, as what is published outlives the ledger.';
comment on column published.sign_off.replaces is 'The report of the same kind, period, area and audience that was released before this one.';
comment on column published.sign_off.correction is 'What is different in it, in words that the report prints.';
comment on column published.sign_off.content_sha256 is 'Digest of everything that the report shows, by access.report_digest: what is released is what was checked.';
create index sign_off_report on published.sign_off (report_id);
create index sign_off_replaces on published.sign_off (replaces) where replaces is not null;

create view published.report_state as
select
    report.report_id,
    case
        when last.step is null then 'draft'
        when last.step = 'check' then 'checked'
        when last.step = 'send back' then 'sent back'
        when last.step = 'withdraw' then 'withdrawn'
        when later.report_id is not null then 'replaced'
        else 'released'
    end as state,
    checked.login as checked_by,
    checked.signed_at as checked_at,
    checked.content_sha256,
    checked.replaces,
    checked.correction,
    released.version,
    released.signed_at as released_at,
    encode(event.hash, 'hex') as released_hash,
    later.report_id as replaced_by
from published.report as report
left join lateral (
    select step from published.sign_off where report_id = report.report_id and step <> 'comment' order by sign_off_id desc limit 1
) as last on true
left join lateral (
    select * from published.sign_off where report_id = report.report_id and step = 'check' order by sign_off_id desc limit 1
) as checked on true
left join published.sign_off as released on released.report_id = report.report_id and released.step = 'release'
left join audit.event as event on event.event_id = released.event_id
left join published.sign_off as later on later.replaces = report.report_id and later.step = 'release';
comment on view published.report_state is
    'One row per report: draft, checked, sent back, released, replaced by a later version, or withdrawn; who checked it last; its version once released.';

create function access.report_digest(number bigint) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select encode(sha256(convert_to(string_agg(line, E'\n' order by part, place, line collate "C"), 'UTF8')), 'hex')
    from (
        select 1 as part, 1 as place,
            jsonb_build_array(kind, definition_version, area, area_name, sections, period_start, period_end, audience, build_id, business_date, data_cut,
                classification, title, main_points)::text as line
        from published.report where report_id = number
        union all
        select 2, table_order, jsonb_build_array(table_name, table_order, section, title, row_heading, meaning, caveat, when_empty, charts,
            measure_id, measure_version, cohort_id, source_systems, rule_parameters)::text
        from published.report_table where report_id = number
        union all
        select 3, row_order, jsonb_build_array(table_name, row_order, column_order, row_group, row_label, column_name, column_title, value, ci_low, ci_high,
            value_text, note, suppression_status, measure_id, measure_version, cohort_id, period_start, period_end, horizon_days, data_cut, maturity, fact)::text
        from published.figure where report_id = number
    ) as content
$$;
comment on function access.report_digest is 'SHA-256 of everything that a report shows: its head, tables and figures in their order.';

-- A report is held against what was released when it is made. What was released since then is held against it here.
create function access.too_near_released(number bigint) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    least_count integer;
begin
    if to_regclass('reference.audiences') is null then
        return null;
    end if;
    select a.min_count into least_count
    from published.report r
    join audit.build b using (build_id)
    join reference.audiences a on a.audience = r.audience and a.effective_from <= r.business_date
        and a.opened_by_configuration <= b.configuration_id
        and (a.closed_by_configuration is null or a.closed_by_configuration > b.configuration_id)
    where r.report_id = number
    order by a.effective_from desc limit 1;
    return (
        select string_agg(near.fact || ' (report ' || near.report_id || ')', '; ')
        from (
            select distinct mine.fact, theirs.report_id
            from published.report own
            join published.figure mine using (report_id)
            join published.figure theirs on theirs.fact = mine.fact and theirs.suppression_status = 'shown'
            join published.report other on other.report_id = theirs.report_id and other.audience = own.audience
            join published.sign_off s on s.report_id = other.report_id and s.step = 'release'
            where own.report_id = number and mine.suppression_status = 'shown'
                and abs(mine.value - theirs.value) between 1 and least_count - 1
            order by 1, 2 limit 5
        ) near
    );
end $$;
comment on function access.too_near_released is
    'Counts of a report that differ by a small number from what its audience was shown exactly in a released report; null when there are none.';

-- Reports of one build are held against each other when they are made. Of a report of another build that was released since then only the
-- counts that both show could be compared here, and not what follows from both of them together.
create function access.released_since_made(number bigint) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select string_agg(theirs.report_id || ' for the audience ' || theirs.audience, ', ' order by theirs.report_id)
    from published.report mine
    join published.report theirs on theirs.build_id <> mine.build_id and theirs.audience <> 'internal'
    join published.sign_off s on s.report_id = theirs.report_id and s.step = 'release' and s.signed_at > mine.created_at
    where mine.report_id = number and mine.audience <> 'internal'
$$;
comment on function access.released_since_made is
    'Reports of other builds that were released outside the partnership since this one was made for somebody outside; null when there are none.';

-- Analysts and practitioners always have areas; for the others none means all.
create function access.covers_area(who text, area text) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    if exists (select from access.person_area a where a.login = who and a.area = covers_area.area)
        or exists (select from access.person_role p where p.login = who and p.areas = '{}' and p.role in ('steward', 'commissioner', 'auditor')) then
        return true;
    elsif to_regclass('reference.areas') is null then
        return false;
    end if;
    return (
        select coalesce(bool_and(seen.area is not null), false)
        from (
            select distinct on (area) area, area_type, parent from reference.areas
            where closed_by_configuration is null and effective_from <= current_date
            order by area, effective_from desc
        ) as today
        left join access.person_area as seen on seen.area = today.area and seen.login = who
        where today.parent is null and today.area_type <> 'outside'
    );
end $$;
comment on function access.covers_area is
    'Whether the areas of a person hold this area; the whole partnership, all, is held by those who have every area that lies in no other, apart from outside.';

create function access.reads_audience(person access.person_role, audience text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select (person.role in ('analyst', 'steward', 'auditor') or audience <> 'internal')
        and case when person.audiences <> '{}' then audience = any (person.audiences)
                 else person.role <> 'commissioner' or audience = 'public' end
$$;
comment on function access.reads_audience is
    'Whether a person may have reports for this audience at all: practitioners and commissioners none for the partnership itself, whoever is given audiences only those, and a commissioner who is given none what anybody may read.';

create function access.may_sign_off(number bigint, step text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from access.person_role p cross join published.report r
        where p.login = session_user and r.report_id = number
            and p.role in ('analyst', 'steward', 'commissioner')
            and access.reads_audience(p, r.audience)
            and access.covers_area(p.login, r.area)
            and case step when 'check' then 'check' = any (p.signs_off) when 'release' then 'release' = any (p.signs_off)
                          else p.signs_off <> '{}' end
    )
$$;
comment on function access.may_sign_off is 'Whether whoever is logged in may take this step with a report: it is theirs to sign, theirs to see, and of their areas.';

create function access.refuse_wrong_step(number bigint, step text) returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    before published.report_state;
    may_follow text[] := case step
        when 'check' then array['draft', 'sent back']
        when 'send back' then array['checked']
        when 'release' then array['checked']
        when 'withdraw' then array['draft', 'sent back', 'checked', 'released', 'replaced']
        else array['draft', 'sent back', 'checked', 'released', 'replaced', 'withdrawn']
    end;
begin
    select s.* into before from published.report_state s where s.report_id = number;
    if before.report_id is null or not access.may_sign_off(number, step) then
        raise exception 'there is no report % for % to %', number, session_user, step
            using hint = 'Who may check and release is in people_access.csv, column signs_off.';
    elsif before.state <> all (may_follow) then
        raise exception 'report % is %: % does not follow on that', number, before.state, step
            using hint = 'A draft is checked, then released or sent back. A withdrawn report stays so: make it again.';
    elsif step = 'release' and session_user = before.checked_by then
        raise exception 'report % was checked by %, so somebody else must release it', number, session_user;
    end if;
end $$;
comment on function access.refuse_wrong_step is 'Raise an error unless whoever is logged in may take this step with the report as it stands.';

create function access.last_released_like(number bigint) returns table (report_id bigint, version integer)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select s.report_id, s.version
    from published.report mine
    join published.report theirs using (kind, area, period_start, period_end, audience)
    join published.sign_off s on s.report_id = theirs.report_id and s.step = 'release'
    where mine.report_id = number and theirs.report_id <> number
    order by s.version desc limit 1
$$;
comment on function access.last_released_like is 'The last released report of the same kind, period, area and audience as this one, which this one replaces; withdrawn or not.';

create function access.refuse_wrong_content(step published.sign_off) returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    near text := access.too_near_released(step.report_id);
    since text := access.released_since_made(step.report_id);
begin
    if near is not null then
        raise exception 'report % tells small numbers beside what was released since it was made: %', step.report_id, near
            using hint = 'Withdraw it and make it again: it is then held against what was released.';
    elsif step.replaces is null and step.correction is not null then
        raise exception 'report % corrects nothing that was released', step.report_id using hint = 'Leave the correction out.';
    elsif step.replaces is not null and step.correction is null then
        raise exception 'report % of the same period was released, so this one corrects it', step.replaces
            using hint = 'Say what is different, in words for its readers: --correction "…".';
    elsif step.step = 'release' and not exists (
        select from published.report_state s
        where s.report_id = step.report_id and (s.replaces, s.content_sha256) is not distinct from (step.replaces, step.content_sha256)
    ) then
        raise exception 'report % is not what was checked, or another one of its period was released since', step.report_id
            using hint = 'Send it back, and have it checked again.';
    elsif since is not null then
        raise exception 'report % was made before these of other builds were released, and is not held against them: %', step.report_id, since
            using hint = 'Withdraw it and make it again: it is then held against what was released.';
    end if;
end $$;
comment on function access.refuse_wrong_content is 'Raise an error if what a check or release is about may not be released.';

create function access.sign_off_by_the_rules() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    earlier record;
begin
    perform access.check_reason(new.reason);
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'reports are signed off at the isolation level read committed';  -- others would not see each other's steps
    end if;
    perform pg_advisory_xact_lock(hashtext('published.report'));  -- neither published nor signed off meanwhile
    perform access.refuse_wrong_step(new.report_id, new.step);
    new.login := session_user;
    new.signed_at := clock_timestamp();
    new.replaces := null;
    new.version := null;
    new.content_sha256 := null;
    if new.step in ('check', 'release') then
        select * into earlier from access.last_released_like(new.report_id);
        new.replaces := earlier.report_id;
        new.content_sha256 := access.report_digest(new.report_id);
        if new.step = 'release' then
            new.version := coalesce(earlier.version, 0) + 1;
            new.correction := (select s.correction from published.report_state s where s.report_id = new.report_id);
        end if;
        perform access.refuse_wrong_content(new);
    end if;
    new.event_id := audit.record_event(new.step || ' report', 'report ' || new.report_id, new.reason, (
        select jsonb_strip_nulls(jsonb_build_object('kind', r.kind, 'area', r.area, 'period_start', r.period_start, 'period_end', r.period_end,
            'audience', r.audience, 'build', r.build_id, 'content_sha256', new.content_sha256, 'version', new.version,
            'replaces', new.replaces, 'correction', new.correction))
        from published.report r where r.report_id = new.report_id
    ));
    return new;
end $$;
create trigger by_the_rules before insert on published.sign_off for each row execute function access.sign_off_by_the_rules();

create function published.steps_stay() returns trigger language plpgsql as $$
begin
    raise exception 'a step of a sign-off stays as it was taken; take the next one';
end $$;
create trigger stays before update or delete or truncate on published.sign_off for each statement execute function published.steps_stay();

create function access.sign_report(report_id bigint, step text, reason text, correction text default null) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into published.sign_off (report_id, step, reason, correction) values (report_id, step, reason, correction) returning sign_off_id
$$;
comment on function access.sign_report is
    'Take a step in the name of whoever is logged in: comment, check, send back, release or withdraw. correction: what is different from the released report of the same period.';

-- Whoever makes reports opens each once, whole: nothing is added after its transaction.
create function access.open_report() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    same record;
begin
    select count(*) as reports, min(s.report_id) filter (where s.state <> 'withdrawn') as standing into same
    from published.report r join published.report_state s using (report_id)
    where (r.kind, r.area, r.period_start, r.period_end, r.audience, r.build_id)
        = (new.kind, new.area, new.period_start, new.period_end, new.audience, new.build_id);
    if same.standing is not null then
        raise exception 'report % is of the same kind, period, area, audience and build', same.standing
            using errcode = 'unique_violation', hint = 'Withdraw it first, if it is wrong.';
    end if;
    new.issue := same.reports + 1;
    new.created_at := now();
    new.created_in := pg_current_xact_id();
    return new;
end $$;
create trigger opens before insert on published.report for each row execute function access.open_report();

create function access.report_is_whole() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from added join published.report r using (report_id) where r.created_in <> pg_current_xact_id()) then
        raise exception 'published figures stay as they were released; a correction is a new report';
    end if;
    return null;
end $$;
create trigger is_whole after insert on published.report_table referencing new table as added
    for each statement execute function access.report_is_whole();
create trigger is_whole after insert on published.figure referencing new table as added
    for each statement execute function access.report_is_whole();
create trigger is_whole after insert on published.worked_out referencing new table as added
    for each statement execute function access.report_is_whole();

-- People see what is released for an audience and an area of theirs. Drafts, and what was withdrawn, are for those who sign reports off,
-- and for auditors.
create function access.reports_of(who text) returns setof bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
    select r.report_id
    from access.person_role p
    cross join published.report r
    join published.report_state s on s.report_id = r.report_id
    join (select distinct area from published.report) a on a.area = r.area and access.covers_area(who, a.area)
    where p.login = who and access.reads_audience(p, r.audience)
        and (s.state in ('released', 'replaced') or p.signs_off <> '{}' or p.role = 'auditor')
$$;
comment on function access.reports_of is 'Numbers of the reports that a person may read; none for a login that is not in people_access.';

create function access.my_reports() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select access.reports_of(session_user)
$$;
comment on function access.my_reports is 'Numbers of the reports that whoever is logged in may read; the row policies of published.* ask it.';
create policy for_people on published.report for select
    to iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor using (report_id in (select access.my_reports()));

grant select on published.sign_off to iom_publisher, iom_analyst, iom_steward, iom_auditor;
alter table published.sign_off enable row level security;
create policy of_visible_reports on published.sign_off for select using (report_id in (select r.report_id from published.report r));
-- The view shows how every report stands, so people read the steps themselves.
grant select on published.report_state to iom_publisher, iom_report;
revoke execute on function access.report_digest, access.too_near_released, access.released_since_made, access.covers_area, access.may_sign_off, access.refuse_wrong_step, access.last_released_like,
    access.refuse_wrong_content, access.sign_report, access.reads_audience, access.reports_of, access.my_reports, access.sign_off_by_the_rules, access.open_report, access.report_is_whole from public;
grant execute on function access.sign_report to iom_analyst, iom_steward, iom_commissioner;
grant execute on function access.my_reports to iom_analyst, iom_practitioner, iom_steward, iom_commissioner, iom_auditor;

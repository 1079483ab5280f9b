-- Sending released reports to those who are to have them: who has what coming, and the register of what went. As with a look, the event is
-- committed before anything leaves.
create table audit.report_sending (
    sending_id bigint generated always as identity primary key,
    report_id bigint not null references published.report,
    recipient text not null,
    address text not null,
    marking text not null,
    way text not null check (way in ('attachment', 'link')),
    opening_event bigint not null references audit.event,
    opened_in xid8 not null default pg_current_xact_id(),
    outcome text check (outcome in ('sent', 'written', 'failed', 'unknown', 'lost')),
    failure text,
    files jsonb,
    event_id bigint references audit.event,
    ended_at timestamptz,
    check (num_nulls(outcome, files, event_id, ended_at) in (0, 4))
);
comment on table audit.report_sending is
    'One row per attempt to send a released report to a recipient. written: into the outbox, where no mail server is set; unknown: it broke off while the message was handed over; lost: somebody asked, and it did not arrive.';
comment on column audit.report_sending.files is 'Names and SHA-256 of what was attached or linked; no content.';
create unique index nothing_goes_twice on audit.report_sending (report_id, recipient)
    where outcome is null or outcome in ('sent', 'written', 'unknown');

create function access.holds_area(areas text[], area text) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return (
        with recursive today as (
            select distinct on (area) area, area_type, parent from reference.areas
            where closed_by_configuration is null and effective_from <= current_date
            order by area, effective_from desc
        ),
        within as (
            select area as wanted, area, parent from today
            where case holds_area.area when 'all' then parent is null and area_type <> 'outside' else area = holds_area.area end
            union
            select within.wanted, above.area, above.parent from within join today as above on above.area = within.parent
        )
        select coalesce(bool_and(is_held), false)
        from (select bool_or(area = any (holds_area.areas)) as is_held from within group by wanted) as each_wanted
    );
end $$;
comment on function access.holds_area is
    'Whether these areas hold another, as one of them or within one; the whole partnership, all, is held by every area that lies in no other, apart from outside.';

-- What is not marked OFFICIAL is attached for an address of an allowed domain only; everybody else gets a link, and logs in.
create function access.sendings_due()
returns table (report_id bigint, version integer, recipient text, address text, marking text, formats text[], way text, is_as_signed boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    if to_regclass('reference.report_recipients') is null or to_regclass('reference.secure_domains') is null then
        return;
    end if;
    return query
        select r.report_id, s.version, p.recipient, p.address, r.classification, string_to_array(p.formats, ';'),
            case when r.classification = 'OFFICIAL' or exists (
                select from reference.secure_domains d
                where d.closed_by_configuration is null and d.effective_from <= current_date and d.domain = lower(split_part(p.address, '@', 2))
            ) then 'attachment' else 'link' end,
            coalesce(access.content_as_signed(r.report_id), false)
        from published.report r
        join published.report_state s on s.report_id = r.report_id and s.state = 'released'
        join (
            select distinct on (recipient) recipient, address, audience, string_to_array(kinds, ';') as kinds, formats,
                string_to_array(areas, ';') as areas,
                max(begins) over (partition by recipient) as since
            from (
                select recipient, address, audience, kinds, areas, coalesce(formats, 'html') as formats, effective_from,
                    case when (audience, kinds, areas) is distinct from
                        (lag(audience) over earlier, lag(kinds) over earlier, lag(areas) over earlier) then effective_from end as begins
                from reference.report_recipients
                where closed_by_configuration is null and effective_from <= current_date
                window earlier as (partition by recipient order by effective_from)
            ) as configured
            order by recipient, effective_from desc
        ) p on p.audience = r.audience and (p.kinds is null or r.kind = any (p.kinds))
            and (p.areas is null or access.holds_area(p.areas, r.area)) and s.released_at::date >= p.since
        where not exists (
            select from audit.report_sending g
            where g.report_id = r.report_id and g.recipient = p.recipient and (g.outcome is null or g.outcome in ('sent', 'written', 'unknown'))
        )
        order by r.report_id, p.recipient;
end $$;
comment on function access.sendings_due is
    'One row per released report and recipient of its audience, kind and area who has not had it: neither withdrawn nor replaced, and released since they are to have such reports. is_as_signed: whether it still shows what was signed off; otherwise it is not sent.';

create function access.open_sending(report_id bigint, recipient text) returns audit.report_sending
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    due record;
    opened audit.report_sending;
begin
    select d.* into due from access.sendings_due() d
    where d.report_id = open_sending.report_id and d.recipient = open_sending.recipient;
    if due.report_id is null then
        raise exception 'report % is not to be sent to % now', open_sending.report_id, open_sending.recipient
            using hint = 'It is not released, or went already, or is for others.';
    elsif not due.is_as_signed then
        raise exception 'report % does not show what was signed off', open_sending.report_id using hint = 'Tell the auditor; withdraw it and make it again.';
    end if;
    insert into audit.report_sending (report_id, recipient, address, marking, way, opening_event)
    values (due.report_id, due.recipient, due.address, due.marking, due.way, audit.record_event(
        'prepare disclosure', 'report ' || due.report_id || ' to ' || due.recipient, 'a released report, for its audience',
        jsonb_build_object('address', due.address, 'marking', due.marking, 'way', due.way, 'version', due.version)))
    returning * into opened;
    return opened;
end $$;
comment on function access.open_sending is 'Writes the event of a sending, if it is due, and gives it as registered: address, marking and way are those that count. Commit, then send, then call access.end_sending.';

create function access.end_sending(sending_id bigint, outcome text, failure text, files jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    opened audit.report_sending;
begin
    select g.* into opened from audit.report_sending g
    where g.sending_id = end_sending.sending_id and g.outcome is null and pg_xact_status(g.opened_in) = 'committed';
    if opened.sending_id is null or end_sending.outcome not in ('sent', 'written', 'failed', 'unknown') then
        raise exception 'no sending is open under this number' using hint = 'Open it, commit, then end it once.';
    end if;
    update audit.report_sending g set outcome = end_sending.outcome, failure = end_sending.failure, files = end_sending.files,
        ended_at = clock_timestamp(), event_id = audit.record_event(
            case end_sending.outcome when 'failed' then 'disclosure failed' when 'unknown' then 'disclosure not known' else 'disclose' end,
            'report ' || opened.report_id || ' to ' || opened.recipient, coalesce(end_sending.failure, 'a released report, for its audience'),
            jsonb_build_object('address', opened.address, 'marking', opened.marking, 'way', opened.way, 'outcome', end_sending.outcome,
                'files', end_sending.files))
    where g.sending_id = opened.sending_id;
end $$;
comment on function access.end_sending is 'Writes what became of a sending: sent, written (into the outbox), failed, or unknown.';

create function access.lose_sending(report_id bigint, recipient text, reason text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform access.check_reason(lose_sending.reason);
    if not access.may_sign_off(lose_sending.report_id, 'comment') then
        raise exception 'there is no report % for % to say that of', lose_sending.report_id, session_user
            using hint = 'Who may is in people_access.csv, column signs_off.';
    end if;
    update audit.report_sending g set outcome = 'lost', event_id = audit.record_event('disclosure lost',
        'report ' || lose_sending.report_id || ' to ' || lose_sending.recipient, lose_sending.reason)
    where g.report_id = lose_sending.report_id and g.recipient = lose_sending.recipient and g.outcome = 'unknown';
    if not found then
        raise exception 'it is known what became of report % for %', lose_sending.report_id, lose_sending.recipient
            using hint = 'iom report show has it.';
    end if;
end $$;
comment on function access.lose_sending is 'Says, in the name of whoever is logged in and signs such reports off, that a sending of which nobody knew did not arrive: it is tried again.';

grant select on audit.report_sending to iom_publisher;
revoke execute on function access.holds_area, access.sendings_due, access.open_sending, access.end_sending, access.lose_sending from public;
grant execute on function access.sendings_due, access.open_sending, access.end_sending to iom_publisher;
grant execute on function access.lose_sending to iom_analyst, iom_steward, iom_commissioner;

-- The rows of feedback. As with a look, the event is committed before a row is handed out, and once more, with the checksum, before the
-- folder is finished. The publisher, who writes the files, can read nothing of this but a file that an agreement allows.

-- Consent on a night: given by then and not withdrawn, in every record of drug services that is linked to the person.
create function access.consenting_people(night date) returns table (person_key bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select l.person_key
        from raw.dip_client c
        join identity.link l on l.source_file = 'dip_client' and l.source_key = c.client_ref and l.closed_by_run is null
        where c.closed_by_sequence is null
        group by l.person_key
        having bool_and(coalesce(c.consent_to_share and c.consent_on <= night and c.consent_withdrawn_on is null, false));
end $$;
comment on function access.consenting_people is 'People who let drug services share on a night. For functions of the owner.';

create function access.people_who_died(night date) returns table (person_key bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select l.person_key
        from raw.police_person p
        join identity.link l on l.source_file = 'police_person' and l.source_key = p.police_ref and l.closed_by_run is null
        where p.closed_by_sequence is null and p.died_on <= night;
end $$;
comment on function access.people_who_died is 'People who had died by a night, by the word of the police. For functions of the owner.';

-- As int_dip__agency, which says why: by any agreement there ever was, and by any version of a client's record.
create function access.drug_services() returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        with given as (
            select a.from_agency, btrim(file) as file from reference.agreements a cross join lateral unnest(string_to_array(a.files, ';')) as file
        )
        select given.from_agency from given where given.file = 'dip_client'
        union
        select c.agency_code from (select distinct agency_code from raw.dip_client where agency_code is not null) c
        left join lateral (
            select lower(a.sector) as sector from reference.agencies a
            where a.agency = c.agency_code and a.closed_by_configuration is null and a.effective_from <= access.today()
            order by a.effective_from desc limit 1
        ) listed on true
        where c.agency_code not in (select given.from_agency from given where given.file not like 'dip\_%')
          and coalesce(listed.sector not in ('police', 'probation', 'prison'), true);
end $$;
comment on function access.drug_services is 'Agencies that give us records of treatment or work with the clients in them, now or once: that one of them leads a case says that somebody is a client. For functions of the owner.';

-- The families' programme is no list of ours.
create function access.outbound_listed(night date) returns table (person_key bigint, schemes text, district text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select m.person_key, string_agg(distinct m.scheme, ';' order by m.scheme),
               (array_agg(m.district order by m.joined_on desc, m.membership_ref) filter (where m.district is not null))[1]
        from access.told_placements(night) m
        where m.scheme <> 'TF'
        group by m.person_key;
end $$;
comment on function access.outbound_listed is 'One row per person whom the partnership manages on a night. For functions of the owner.';

create function access.outbound_case(night date) returns table (person_key bigint, lead_agency text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select l.person_key, string_agg(distinct c.lead_agency, ';' order by c.lead_agency)
        from raw.hub_case c
        join identity.link l on l.source_file = 'hub_case' and l.source_key = c.case_ref and l.closed_by_run is null
        where c.closed_by_sequence is null and c.lead_agency in (select access.listed_agencies())
          and (c.lead_agency not in (select access.drug_services()) or l.person_key in (select g.person_key from access.consenting_people(night) g))
        group by l.person_key;
end $$;
comment on function access.outbound_case is 'One row per person with a lead agency. For functions of the owner.';

create function access.outbound_risk(night date) returns table (person_key bigint, colour text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select distinct on (l.person_key) l.person_key, r.colour
        from raw.hub_rag r
        join identity.link l on l.source_file = 'hub_case' and l.source_key = r.case_ref and l.closed_by_run is null
        where r.closed_by_sequence is null and r.colour is not null and r.assessed_on <= night
        order by l.person_key, r.assessed_on desc, array_position(array['red', 'amber', 'green'], r.colour);
end $$;
comment on function access.outbound_risk is 'One row per person with a risk: the latest, of one day the highest. For functions of the owner.';

create function access.outbound_custody(night date)
returns table (person_key bigint, establishment text, custody_type text, received_on date, home_district text, release_on date)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select distinct on (l.person_key) l.person_key, s.establishment, s.custody_type, s.received_on,
            case when s.home_district in (select access.listed_areas()) then s.home_district end, planned.release_on
        from raw.prison_spell s
        join identity.link l on l.source_file = 'prison_person' and l.source_key = s.prison_number and l.closed_by_run is null
        left join lateral (
            select d.release_on from raw.prison_release_date d
            where d.booking_ref = s.booking_ref and d.closed_by_sequence is null and d.date_type in ('expected', 'conditional') and d.release_on is not null
            order by d.date_type desc limit 1
        ) planned on true
        where s.closed_by_sequence is null and s.received_on <= night and s.released_on is null
          and l.person_key not in (select d.person_key from access.people_who_died(night) d)
        order by l.person_key, planned.release_on desc nulls last, s.booking_ref;
end $$;
comment on function access.outbound_custody is 'One row per living person in prison: of several open bookings the one that ends last, with its expected release date, else the conditional one. For functions of the owner.';

create function access.outbound_drug_service(night date)
returns table (person_key bigint, area text, referred_on date, caseload_on date, treatment_on date)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select distinct on (l.person_key) l.person_key, case when e.area in (select access.listed_areas()) then e.area end, e.referred_on, e.caseload_on, e.treatment_on
        from raw.dip_episode e
        join identity.link l on l.source_file = 'dip_client' and l.source_key = e.client_ref and l.closed_by_run is null
        where e.closed_by_sequence is null and e.referred_on <= night and (e.closed_on is null or e.closed_on > night)
          and l.person_key in (select c.person_key from access.consenting_people(night) c)
        order by l.person_key, e.referred_on desc, e.episode_ref;
end $$;
comment on function access.outbound_drug_service is 'One row per person with consent and an open episode: the latest. For functions of the owner.';

-- A relation of the closed list as something to join: a function of the night, or the rows of a mart that are of it. Movements are told for a
-- week, since those of a feed that came after the build would never be told otherwise. Of the agenda an agency gets its own cases, and no other's.
create function access.outbound_relation(relation text, recipient text, night date) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case relation
        when 'release_calendar' then 'mart_partnership.release_calendar'
        when 'custody_movement' then format('(select * from mart_partnership.custody_movement where known_on > %L::date - 7 and known_on <= %L)', night, night)
        when 'level_history' then '(select * from mart_partnership.level_history where is_current)'
        when 'agency_agenda' then format('(select * from mart_partnership.agency_agenda where agency = %L and held_on >= %L)', recipient, night)
        else format('access.%I(%L)', relation, night)
    end
$$;

-- One row per record of the recipient's own of a person on the list (and per row of a mart that has several); people of whom the file
-- would tell nothing are left out, and so are records without any of the identifiers that it shows. Of people who are not on the list, such as
-- those whose referral a meeting decides, the file tells that the recipient is needed for them, and nothing else. The last column is the
-- person's key, for the register.
create function access.feedback_query(recipient text, file text, night date) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    with chosen as (
        select c.* from access.outbound_columns_on(night) c where c.recipient = feedback_query.recipient and c.file = feedback_query.file
    ),
    own as (
        select relation, case relation when 'police_person' then 'police_ref' when 'probation_person' then 'crn' when 'prison_person' then 'prison_number'
                                       when 'dip_client' then 'client_ref' when 'hub_case' then 'case_ref' end as key
        from chosen where is_own_record limit 1
    ),
    joined as (
        select distinct relation, access.outbound_relation(relation, feedback_query.recipient, night) as rows_of_night
        from chosen where not is_own_record and relation <> 'outbound_listed'
    )
    select format('select %s, link.person_key from access.outbound_listed(%L) outbound_listed', shown.columns, night)
        || coalesce(' full join (select distinct a.person_key from ' || told.agenda || ' a) discussed on discussed.person_key = outbound_listed.person_key', '')
        || format(' join identity.link link on link.person_key = %s and link.source_file = %L and link.closed_by_run is null',
                  case when told.agenda is null then 'outbound_listed.person_key' else 'coalesce(outbound_listed.person_key, discussed.person_key)' end, own.relation)
        || format(' join raw.%I own on own.%I = link.source_key and own.closed_by_sequence is null', own.relation, own.key)
        || coalesce(told.joins, '')
        || ' where coalesce(' || shown.own_columns || ') is not null'
        || case when own.relation = 'dip_client' then format(' and link.person_key in (select c.person_key from access.consenting_people(%L) c)', night) else '' end
        || coalesce(' and coalesce(' || told.keys || ') is not null', '')
        || ' order by link.source_key' || coalesce(', ' || told.row_order, '')
    from own
    cross join (
        select string_agg(format('%I.%I::text', case when is_own_record then 'own' else relation end, source_column), ', '
                          order by is_own_record desc, column_name) as columns,
               string_agg(format('own.%I::text', source_column), ', ') filter (where is_own_record) as own_columns
        from chosen
    ) shown
    cross join (
        select string_agg(format(' left join %s %I on %I.person_key = %s.person_key', rows_of_night, relation, relation,
                                 case relation when 'agency_agenda' then 'link' else 'outbound_listed' end), '') as joins,
               max(rows_of_night) filter (where relation = 'agency_agenda') as agenda,
               string_agg(format('%I.person_key', relation), ', ') as keys,
               string_agg(format('%I::text', relation), ', ') as row_order
        from joined
    ) told
$$;
comment on function access.feedback_query is 'The query of an outbound file, from the closed list: its columns in the order of the plan, as text, and the person. For functions of the owner.';

create function access.open_outbound(recipient text, build_id bigint) returns audit.outbound
language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into audit.outbound (recipient, sequence, business_date, build_id)
    select open_outbound.recipient, coalesce((select max(o.sequence) from audit.outbound o where o.recipient = open_outbound.recipient), 0) + 1, b.business_date, b.build_id
    from audit.build b
    where b.build_id = open_outbound.build_id
      and b.build_id = (select max(last.build_id) from audit.build last where last.kind = 'nightly' and last.status = 'succeeded')
    returning *
$$;
comment on function access.open_outbound is 'Begins a delivery to an agency from the build that the marts hold, with the next sequence; nothing for another build.';

create function access.open_disclosure(outbound_id bigint, file text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    delivery audit.outbound;
    plan record;
    event bigint;
    opened bigint;
begin
    select o.* into strict delivery from audit.outbound o
    where o.outbound_id = open_disclosure.outbound_id and num_nonnulls(o.finished_at, o.abandoned_at, o.nothing_new_at) = 0;
    select p.* into strict plan from access.feedback_plan(delivery.business_date) p
    where p.recipient = delivery.recipient and p.file = open_disclosure.file;
    if plan.fault is not null then
        raise exception '%', plan.fault using errcode = 'insufficient_privilege';
    end if;
    event := audit.record_event('prepare disclosure', plan.file || ' for ' || delivery.recipient, plan.purpose,
        jsonb_build_object('business_date', delivery.business_date, 'columns', plan.columns, 'agreement', plan.agreement_id));
    insert into audit.disclosure (outbound_id, file, columns, sources, agreement_id, legal_gateway, purpose, opening_event)
    values (delivery.outbound_id, plan.file, plan.columns, plan.sources, plan.agreement_id, plan.legal_gateway, plan.purpose, event)
    returning disclosure_id into opened;
    return opened;
end $$;
comment on function access.open_disclosure is 'Writes the event of a file that is to be made, if it may be. Commit, then call access.take_disclosure.';

create function access.open_disclosure_of(disclosure_id bigint) returns audit.disclosure
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    found audit.disclosure;
begin
    select d.* into found
    from audit.disclosure d join audit.outbound o on o.outbound_id = d.outbound_id
    where d.disclosure_id = open_disclosure_of.disclosure_id and d.event_id is null and num_nonnulls(o.finished_at, o.abandoned_at, o.nothing_new_at) = 0
      and pg_xact_status(d.opened_in) = 'committed';
    if found.disclosure_id is null then
        raise exception 'no disclosure is open under this number' using hint = 'Open it, commit, then use its number once.';
    end if;
    return found;
end $$;
comment on function access.open_disclosure_of is 'A disclosure whose first event is committed and whose second is not yet written. For functions of the owner.';

-- The configuration may have changed since the disclosure was opened, so the plan must still be the one that was written down.
create function access.take_disclosure(disclosure_id bigint) returns setof record
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    opened audit.disclosure := access.open_disclosure_of(disclosure_id);
    plan record;
    query text;
begin
    select p.*, o.business_date into strict plan
    from audit.outbound o cross join lateral access.feedback_plan(o.business_date) p
    where o.outbound_id = opened.outbound_id and p.recipient = o.recipient and p.file = opened.file;
    if exists (select from audit.disclosed_person p where p.disclosure_id = opened.disclosure_id) then
        raise exception 'this disclosure was taken already' using hint = 'Open another one.';
    end if;
    if plan.fault is not null or (plan.columns, plan.sources, plan.agreement_id) <> (opened.columns, opened.sources, opened.agreement_id) then
        raise exception 'what may be sent has changed since this disclosure was opened' using hint = 'Open it again.';
    end if;
    query := access.feedback_query(plan.recipient, plan.file, plan.business_date);
    -- one statement, so that nobody is handed out who is not registered
    return query execute format(
        'with told as materialized (%s), registered as (insert into audit.disclosed_person select distinct %L::bigint, person_key from told) select * from told',
        query, opened.disclosure_id);
end $$;
comment on function access.take_disclosure is 'The rows of a disclosure whose event is committed: its columns in their order as text, then the key of the person. Registers the people.';

create function access.close_disclosure(disclosure_id bigint, file_name text, rows bigint, sha256 text, content_sha256 text, openpgp_key text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    opened audit.disclosure := access.open_disclosure_of(disclosure_id);
    delivery audit.outbound;
begin
    select o.* into strict delivery from audit.outbound o where o.outbound_id = opened.outbound_id;
    update audit.disclosure d
    set file_name = close_disclosure.file_name, rows = close_disclosure.rows, sha256 = close_disclosure.sha256,
        content_sha256 = close_disclosure.content_sha256, openpgp_key = close_disclosure.openpgp_key,
        is_encrypted = close_disclosure.openpgp_key is not null,
        event_id = audit.record_event('disclose', opened.file || ' for ' || delivery.recipient, opened.purpose, jsonb_build_object(
            'recipient', delivery.recipient, 'folder', delivery.business_date || '.' || delivery.sequence, 'file', close_disclosure.file_name,
            'columns', opened.columns, 'rows', close_disclosure.rows, 'agreement', opened.agreement_id,
            'legal_gateway', opened.legal_gateway, 'sha256', close_disclosure.sha256))
    where d.disclosure_id = opened.disclosure_id;
end $$;
comment on function access.close_disclosure is 'Writes the event of the disclosure of a file that was made, with its rows and checksum. Commit before the folder gets its manifest.';

create function access.end_outbound(outbound_id bigint, outcome text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    ended audit.outbound;
begin
    if outcome is null or outcome not in ('sent', 'given up', 'nothing new') then
        raise exception 'a delivery ends as sent, given up or nothing new, not as %', outcome;
    end if;
    if outcome = 'sent' and exists (select from audit.disclosure d where d.outbound_id = end_outbound.outbound_id and d.event_id is null) then
        raise exception 'a file of this delivery has no event yet';
    end if;
    update audit.outbound o
    set finished_at = case outcome when 'sent' then clock_timestamp() end, abandoned_at = case outcome when 'given up' then clock_timestamp() end,
        nothing_new_at = case outcome when 'nothing new' then clock_timestamp() end
    where o.outbound_id = end_outbound.outbound_id and num_nonnulls(o.finished_at, o.abandoned_at, o.nothing_new_at) = 0
    returning o.* into ended;
    if ended.nothing_new_at is not null then
        -- nobody was told of them; of a folder that was given up they stay, since somebody may have seen it
        delete from audit.disclosed_person p using audit.disclosure d where d.disclosure_id = p.disclosure_id and d.outbound_id = ended.outbound_id;
        perform audit.record_event('no disclosure', 'nothing new for ' || ended.recipient, 'Each file is as it was last sent.', jsonb_build_object(
            'recipient', ended.recipient, 'folder', ended.business_date || '.' || ended.sequence,
            'files', (select jsonb_agg(d.file order by d.file) from audit.disclosure d where d.outbound_id = ended.outbound_id)));
    end if;
end $$;
comment on function access.end_outbound is 'Notes that a delivery lies finished in its folder (sent), or that its folder was cleared: it was given up, or had nothing new, which is an event and takes its people out of the register.';

create function access.note_removal(outbound_id bigint, why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    removed audit.outbound;
begin
    update audit.outbound o set removed_at = clock_timestamp()
    where o.outbound_id = note_removal.outbound_id and o.finished_at is not null and o.removed_at is null
    returning o.* into strict removed;
    perform audit.record_event('remove feedback', 'folder for ' || removed.recipient, why, jsonb_build_object(
        'recipient', removed.recipient, 'folder', removed.business_date || '.' || removed.sequence));
end $$;
comment on function access.note_removal is 'Notes, as an event too, that a finished folder was taken out of the outbox, and why.';

revoke execute on function access.consenting_people, access.people_who_died, access.drug_services, access.outbound_listed, access.outbound_case, access.outbound_risk, access.outbound_custody,
    access.outbound_drug_service, access.outbound_relation, access.feedback_query, access.open_outbound, access.open_disclosure,
    access.open_disclosure_of, access.take_disclosure, access.close_disclosure, access.end_outbound, access.note_removal from public;
grant execute on function access.open_outbound, access.open_disclosure, access.take_disclosure, access.close_disclosure, access.end_outbound,
    access.note_removal to iom_publisher;

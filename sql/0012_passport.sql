-- The passport of one person: what a named practitioner needs to have side by side, from the hub, probation and the prison. It is a look like any
-- other: the event is committed before it answers, and only about people on a list of the practitioner's areas. Records of treatment are
-- left out, and so is, without consent, that somebody is a client of drug services.
create function access.passport_of(person bigint) returns table (section text, entry json)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    today date := access.today();
    cases text[] := access.records_of(person, 'hub_case');
    crns text[] := access.records_of(person, 'probation_person');
    prison_numbers text[] := access.records_of(person, 'prison_person');
    has_consent boolean := person in (select c.person_key from access.consenting_people(today) c);
    -- an agency that nobody lists may be a drug service under another name
    told text[] := array(select listed from access.listed_agencies() listed where has_consent or listed not in (select access.drug_services()));
begin
    return query select 'names', json_build_object('source', source_file, 'surname', surname, 'forenames', forenames, 'born', dob)
        from access.names_of(person);
    return query select 'management', json_build_object('district', case when district in (select access.listed_areas()) then district end,
            'lead agency', case when lead_agency = any(told) then lead_agency end,
            'practitioner', case when has_consent or lead_agency is null or lead_agency = any(told) then lead_practitioner end)
        from raw.hub_case where case_ref = any(cases) and closed_by_sequence is null order by case_ref;
    return query select 'schemes', json_build_object('scheme', scheme, 'strand', strand, 'since', joined_on, 'district', district)
        from access.told_placements(today, person)
        order by joined_on, membership_ref;
    return query select 'level', json_build_object('level', level, 'since', starts_on, 'review due', review_due_on, 'reviewed', reviewed_on)
        from (
            select level, starts_on, review_due_on, reviewed_on from raw.hub_level
            where case_ref = any(cases) and closed_by_sequence is null and starts_on <= today
            order by starts_on desc, level desc limit 1
        ) last_one
        where access.is_level_held(person, starts_on);
    return query select 'risk', json_build_object('colour', colour, 'assessed', assessed_on,
            'by', case when assessor_agency = any(told) then assessor_agency end)
        from raw.hub_rag where case_ref = any(cases) and closed_by_sequence is null and colour is not null and assessed_on <= today
        order by assessed_on desc, array_position(array['red', 'amber', 'green'], colour) limit 1;
    return query select 'needs', json_build_object('pathway', pathway, 'found by', found_by, 'level', level, 'assessed', assessed_on)
        from access.needs_of(cases, crns, prison_numbers, today) order by pathway, found_by;
    return query select 'number of needs', json_build_object('by OASys', count(*) filter (where score >= need_from),
            'of these severe', count(*) filter (where score >= severe_from), 'of sections answered', count(score), 'assessed', completed_on)
        from needs.sections_of(crns, today) where need_from is not null
        group by completed_on having count(score) > 0;
    return query select coalesce(setting || ' plan', 'plan without a setting'), json_build_object('pathway', pathway, 'action', action,
            'agency', case when agency = any(told) then agency end, 'due', due_on, 'done', done_on)
        from raw.hub_plan where case_ref = any(cases) and closed_by_sequence is null
            -- 4: drugs and alcohol. Of an agency that no list has the step stands without it, unless it may be a drug service in another spelling
            and (has_consent or agency = any(told) or (pathway is distinct from 4
                and (agency is null or upper(agency) not in (select upper(service) from access.drug_services() service))))
        order by setting desc nulls last, done_on is not null, due_on, plan_ref;
    return query select 'orders', json_build_object('order', o.order_type, 'since', o.starts_on, 'expected end', o.expected_end_on,
            'requirements', (select string_agg(r.requirement, ', ' order by r.requirement) from raw.probation_requirement r
                where r.order_ref = o.order_ref and r.closed_by_sequence is null and coalesce(r.outcome, 'open') = 'open'))
        from raw.probation_order o
        where o.crn = any(crns) and o.closed_by_sequence is null and o.starts_on <= today and (o.ended_on is null or o.ended_on > today)
        order by o.starts_on, o.order_ref;
    return query select 'next release', json_build_object('held at', s.establishment, 'since', s.received_on, 'as', s.custody_type,
            'planned', planned.release_on, 'supervision', s.supervision_on_release, 'accommodation', s.accommodation_on_release)
        from raw.prison_spell s
        left join lateral (
            select d.release_on from raw.prison_release_date d
            where d.booking_ref = s.booking_ref and d.closed_by_sequence is null and d.date_type in ('expected', 'conditional') and d.release_on is not null
            order by d.date_type desc limit 1
        ) planned on true
        where s.prison_number = any(prison_numbers) and s.closed_by_sequence is null and s.released_on is null
            and person not in (select d.person_key from access.people_who_died(today) d)
        order by planned.release_on desc nulls first, s.booking_ref;  -- of several the last to end counts, as in the calendar of releases
    return query select 'appointments', json_build_object('from', (today - interval '12 months')::date + 1, 'to', today,
            'kept', count(*) filter (where attendance = 'attended'),
            'missed with good reason', count(*) filter (where attendance = 'acceptable_absence'),
            'missed without', count(*) filter (where attendance = 'unacceptable_absence'))
        from raw.probation_contact
        where crn = any(crns) and closed_by_sequence is null and contact_on > today - interval '12 months' and contact_on <= today
        having count(*) > 0;
    return query select 'next appointment', json_build_object('on', contact_on, 'what', contact_type)
        from raw.probation_contact
        where crn = any(crns) and closed_by_sequence is null and contact_on >= today and attendance = 'planned'
        order by contact_on, contact_ref limit 1;
end $$;
comment on function access.passport_of is 'What a passport holds, section by section, on the last published business date. For functions of the owner.';

create function access.records_of(person bigint, file text) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(source_key), '{}') from identity.link
    where person_key = person and source_file = file and closed_by_run is null
$$;
comment on function access.records_of is 'Keys of the records of a file that belong to a person now. For functions of the owner.';

-- By the rule of int_partnership__level: a level holds until the person has left every scheme but the families' programme, and whoever comes back
-- has none until one is given.
create function access.is_level_held(person bigint, given_on date) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    today date := access.today();
    cases text[] := access.records_of(person, 'hub_case');
    left_on date;
begin
    left_on := (
        select max(upper(stay))
        from (
            select unnest(range_agg(daterange(m.starts_on, m.ends_on))) as stay
            from raw.hub_membership m
            where m.case_ref = any(cases) and m.closed_by_sequence is null and m.scheme <> 'TF' and m.starts_on <= today
              and (m.ends_on is null or m.ends_on >= m.starts_on)
        ) stays
        where upper(stay) <= today
    );
    return (left_on is null or given_on >= left_on) and exists (
        -- a level that the list of drug services alone explains would tell of it
        select from access.told_placements(today, person) p where p.scheme <> 'TF'
    );
end $$;
comment on function access.is_level_held is 'Whether a level given to a person on a day still holds: the person is on a scheme and has not left all of them since. For functions of the owner.';
create function access.needs_of(cases text[], crns text[], prison_numbers text[], today date)
returns table (pathway bigint, found_by text, level bigint, assessed_on date)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query select pathway::bigint, 'hub', level::bigint, assessed_on from (
            select distinct on (pathway) pathway, level, assessed_on from raw.hub_need
            where case_ref = any(cases) and closed_by_sequence is null and level is not null and assessed_on <= today
            order by pathway, assessed_on desc, level desc
        ) last_one
        where level > 0;
    return query select o.pathway::bigint, 'oasys', null::bigint, o.completed_on from needs.oasys_of(crns, today) o;
    return query
        with booking as (
            select booking_ref, received_on, coalesce(released_on, 'infinity') as gone_on from raw.prison_spell
            where prison_number = any(prison_numbers) and closed_by_sequence is null and (released_on is null or released_on >= received_on)
        ),
        stay as (  -- the one that goes on began with the last booking that no earlier one reaches
            select max(begun.received_on) as valid_from from booking as begun
            where not exists (select from booking where received_on < begun.received_on and gone_on >= begun.received_on)
            having exists (select from booking where gone_on = 'infinity')
        ),
        found as (
            select distinct on (r.pathway) r.pathway, r.assessed_on, r.has_need and r.met_at_release is not true as is_open
            from raw.prison_resettlement r join booking using (booking_ref) join stay on booking.received_on >= stay.valid_from
            where r.closed_by_sequence is null and r.has_need is not null and coalesce(r.assessed_on, booking.received_on) <= today
            order by r.pathway, coalesce(r.assessed_on, booking.received_on) desc, booking.received_on desc, booking_ref desc
        )
        select found.pathway::bigint, 'prison', null::bigint, found.assessed_on from found where is_open order by 1;
end $$;
comment on function access.needs_of is 'Needs of a person that are open: by the last assessment of the hub in each pathway, by the OASys assessment that counts, and by the prison, last in the stay that goes on. For functions of the owner.';

create function access.request_passport(person_key bigint, reason text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    is_granted boolean := access.may_look(request_passport.person_key, session_user);
    requested uuid;
begin
    perform access.check_reason(reason);
    insert into access.look_request (login, kind, person_key, event_id, is_granted)
    values (session_user, 'passport', request_passport.person_key,
        audit.record_event('passport' || case when is_granted then '' else ' refused' end, 'person ' || request_passport.person_key, reason), is_granted)
    returning token into requested;
    return requested;
end $$;
comment on function access.request_passport is 'First step of a passport: writes the event and returns a token, which does not tell whether the look is granted. Commit, then call access.take_passport.';

create function access.granted_person(given uuid) returns bigint language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    request access.look_request := access.committed_request(given, 'passport');
begin
    if not (request.is_granted and access.may_look(request.person_key, session_user)) then
        raise exception 'this person is on no list of your areas' using errcode = 'insufficient_privilege', hint = 'Ask your steward.';
    end if;
    return request.person_key;
end $$;
comment on function access.granted_person is 'The person of a token whose event is committed, if the look is granted and has not lapsed. For functions of the owner.';

create function access.take_passport(token uuid) returns table (section text, entry json)
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select * from access.passport_of(access.granted_person(token))
$$;
comment on function access.take_passport is 'Second step of a passport: one row per entry, with its section; an entry is an object whose names are for reading.';

revoke execute on function access.passport_of, access.records_of, access.is_level_held, access.needs_of, access.granted_person, access.request_passport,
    access.take_passport from public;
grant execute on function access.request_passport, access.take_passport to iom_practitioner;

-- Stewardship of the linkage: what waits for a person's decision, the logged look at its evidence, and the decisions themselves.
-- Stewards have no grant on identity: they reach it by the functions of `access` below. Decisions take effect in the next linkage run.

create view identity.held_record as
select record_id, source_file, source_key, is_linkable, person_key, linked_from
from identity.record join identity.link using (source_file, source_key)
where closed_by_run is null;
comment on view identity.held_record is 'One row per current record, with the person to whom it belongs now.';

-- A look is at one item or two people, and must not read everybody. A plain SQL function without settings of its own is planned as
-- part of the statement that calls it, so that the indexes of those people serve.
create function identity.stewardship_items(of_people bigint[]) returns table (
    item text, kind text, identifier_kind text, since timestamptz, weight double precision, files text[],
    person_key bigint, other_person_key bigint, record_id bigint, other_record_id bigint)
language sql stable as $$
with held as not materialized (
    select * from identity.held_record where of_people is null or person_key = any (of_people)
),
evidence as (
    select
        1 as rank, conflict.kind, identifier_kind, started_at as since, weight, one.record_id, other.record_id as other_id,
        one.person_key as one_key, other.person_key as other_key, one.source_file as one_file, other.source_file as other_file
    from identity.conflict as conflict
    join identity.linkage_run on run_id = found_by_run
    join held as one using (source_file, source_key)
    join held as other on (other.source_file, other.source_key) = (other_source_file, other_source_key)
    left join identity.pair on (record_a, record_b)
        = (least(one.record_id, other.record_id), greatest(one.record_id, other.record_id))
    where conflict.closed_by_run is null and conflict.kind <> 'steward_different'
    union all
    select
        case kind when 'dip_identifier' then 2 when 'scored' then 3 else 4 end,
        case when kind = 'dip_identifier' then 'identifier_contradicted' when kind = 'dip_candidate' then kind
            when looks_like_twins then 'suspected_twins' else 'uncertain_pair' end,
        null, since, weight, record_a, record_b, one.person_key, other.person_key, one.source_file, other.source_file
    from identity.pair
    join held as one on one.record_id = record_a
    join held as other on other.record_id = record_b
    where kind <> 'shared_identifier'  -- their conflict stands for them
),
between_people as (
    select distinct on (least(one_key, other_key), greatest(one_key, other_key))
        least(one_key, other_key) as person_key, greatest(one_key, other_key) as other_person_key,
        kind, identifier_kind, since, weight, record_id, other_id as other_record_id, array[one_file, other_file] as files
    from evidence
    where one_key <> other_key
        and not (kind = 'dip_candidate' and not exists (  -- the client, or each of two, belongs to somebody already
            select from (values (one_file, one_key), (other_file, other_key)) as side (file, key)
            where file = 'dip_client' and not exists (
                select from held as fellow where fellow.person_key = key and fellow.source_file <> 'dip_client')))
    order by 1, 2, rank, weight desc nulls last, record_id, other_id
),
decided as (
    select distinct least(one.person_key, other.person_key) as person_key, greatest(one.person_key, other.person_key) as other_person_key
    from identity.standing_decision as decision
    join held as one using (record_id)
    join held as other on other.record_id = other_id
),
of_one_person as (
    select 1 as rank, 'large_person' as kind, null as identifier_kind, person_key, max(linked_from) as since, array_agg(record_id) as records
    from held group by person_key having count(*) > 10
    union all
    select 2, 'several_identifiers', given.kind, person_key, max(linked_from), array_agg(record_id)
    from held
    join identity.usable_record using (record_id)
    cross join lateral (values ('cro', cro), ('prison_number', prison_number), ('crn', crn)) as given (kind, value)
    where value is not null
    group by given.kind, person_key having min(value) <> max(value)
)
select
    person_key || '-' || other_person_key as item, kind, identifier_kind, since, weight, files,
    person_key, other_person_key, record_id, other_record_id
from between_people left join decided using (person_key, other_person_key)
where decided.person_key is null
union all
(
    select distinct on (question.person_key)
        question.person_key::text, kind, identifier_kind, since, null, null, question.person_key, null::bigint, null, null
    from of_one_person as question
    where exists (  -- a record in question of which no steward has said that it belongs to another of the person
        select from unnest(records) as asked (record_id)
        where not exists (
            select from identity.standing_decision as decision
            join held as fellow
                on fellow.record_id = case asked.record_id when decision.record_id then decision.other_id else decision.record_id end
            where decision.kind = 'same' and asked.record_id in (decision.record_id, decision.other_id)
                and fellow.person_key = question.person_key))
    order by question.person_key, rank, identifier_kind
)
$$;
comment on function identity.stewardship_items is 'The questions for a steward between some people and about each of them (null: all there are), as identity.stewardship_item has them.';

create view identity.stewardship_item as select * from identity.stewardship_items(null);
comment on view identity.stewardship_item is 'One row per question for a steward: two people whose records have evidence to be one person (the strongest of it), or one person of more than ten records, or of two valid identifiers of a kind. A question that was decided, or whose evidence is gone, is no row.';
comment on column identity.stewardship_item.item is 'The keys of the two people, the smaller first, or the key of the one.';
comment on column identity.stewardship_item.kind is 'A kind of identity.conflict; uncertain_pair: the model is not sure; suspected_twins; dip_candidate: a DIP client who belongs to nobody, with the initials, birth date, sex and postcode sector of somebody; large_person; several_identifiers: one person with two CRO numbers, prison numbers or CRNs.';
comment on column identity.stewardship_item.since is 'The run since which the evidence stands as it is.';
comment on column identity.stewardship_item.record_id is 'With other_record_id the pair of records with that evidence.';
grant select on identity.held_record to iom_linker;

-- A relink of everybody holds its tables until it ends, and whoever waited for them may then find them empty. So nobody waits.
create function identity.keep_linkage_away() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock_shared(x'494F4D4C'::bigint) then  -- the lock of a linkage run
        raise exception 'people are being linked at this moment'
            using hint = 'Try again when the run has ended: what you ask about may have changed.';
    end if;
end $$;
comment on function identity.keep_linkage_away is 'Let no linkage run begin until the end of the transaction, or raise an error where one is at work.';

create function access.linkage_queue() returns table (
    item text, kind text, identifier_kind text, since timestamptz, weight double precision, files text[], records bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform identity.keep_linkage_away();
    return query
    select
        item, kind, identifier_kind, since, weight, coalesce(files, '{}'),
        (select count(*) from identity.held_record as held where held.person_key in (question.person_key, other_person_key))
    from identity.stewardship_item as question
    order by kind, weight desc nulls last, person_key, other_person_key;
end $$;
comment on function access.linkage_queue is 'What waits for a steward, without names and keys of records: the item, why it is one, the match weight, the files of the two records, and how many records its people have.';

-- A look at an item has the two steps of every look: its event is committed before a name is shown.
create function identity.people_of_item(item text) returns bigint[] language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    people bigint[];
    missing bigint;
begin
    if item !~ '^[0-9]{1,18}(-[0-9]{1,18})?$' then
        raise exception 'an item is the key of a person, or two keys with a hyphen between them' using hint = 'Write it as the queue has it, like 17-23.';
    end if;
    people := array(select key from unnest(string_to_array(item, '-')::bigint[]) as key order by key);
    if people[1] = people[2] then
        raise exception 'these are one person already' using hint = 'Give the keys of two people.';
    end if;
    select key into missing from unnest(people) as key
    where not exists (select from identity.held_record where person_key = key) limit 1;
    if missing is not null then
        raise exception 'no record belongs to person % now', missing using hint = 'The people of the queue are those of the last linkage run.';
    end if;
    return people;
end $$;
comment on function identity.people_of_item is 'The keys of the one or two people of an item, the smaller first; they need not be in the queue.';

-- By file and key: a relink of everybody gives all records new numbers, and changes nothing of what a steward saw.
create function identity.seen_now(people bigint[], token uuid) returns text[] language sql stable set search_path = pg_catalog, pg_temp as $$
    select array_agg(encode(sha256(convert_to(token::text || shown, 'UTF8')), 'hex') order by part)
    from (
        select 1 as part, jsonb_agg(to_jsonb(used) - 'record_id' || jsonb_build_object('person_key', held.person_key)
            order by used.source_file, used.source_key)::text as shown
        from identity.held_record as held join identity.usable_record as used using (record_id)
        where held.person_key = any (people)
        union all
        select 2, (
            select jsonb_build_array(kind, identifier_kind, weight, one.source_file, one.source_key, other.source_file, other.source_key)::text
            from identity.stewardship_items(people) as question
            left join identity.record as one using (record_id)
            left join identity.record as other on other.record_id = other_record_id
            where question.item = array_to_string(people, '-'))
    ) as parts
$$;
comment on function identity.seen_now is 'Digests of what a look at people (the smaller key first) shows now: of their records, and of the question about them, null where there is none.';

create function access.request_evidence(item text, reason text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    people bigint[];
    requested uuid;
begin
    perform identity.keep_linkage_away();
    people := identity.people_of_item(item);
    perform access.check_reason(reason);
    insert into access.look_request (login, kind, item, event_id, is_granted)
    values (session_user, 'item', array_to_string(people, '-'), audit.record_event('look at evidence', 'person ' || array_to_string(people, ' and '), reason), true)
    returning token into requested;
    return requested;
end $$;
comment on function access.request_evidence is 'First step of a steward''s look: writes the event and returns a token. Commit, then call access.take_evidence.';

create function access.note_explanation(of_person bigint, reason text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform access.check_reason(reason);
    if not exists (select from identity.person where person_key = of_person) then
        raise exception 'nobody has the person_key %', of_person using hint = 'Keys are in mart_cohort.cohort_member, for example.';
    end if;
    perform audit.record_event('explain person', 'person ' || of_person, reason);
end $$;
comment on function access.note_explanation is 'Writes the event of somebody asking why the records of a person belong together.';

create function access.take_evidence(token uuid) returns table (
    person_key bigint, is_compared boolean, record_id bigint, source_file text, source_key text, forename text, surname text,
    forename_root text, forenames text[], surnames text[], dob date, dob_is_rough boolean, sex text, postcode text, postcodes text[],
    overused_postcodes text[], pnc text, cro text, prison_number text, crn text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    request access.look_request := access.committed_request(token, 'item');
    people bigint[];
begin
    perform identity.keep_linkage_away();
    people := identity.people_of_item(request.item);
    update access.look_request as look set seen = identity.seen_now(people, look.token) where look.token = request.token;
    return query
    select
        held.person_key, coalesce(held.record_id in (question.record_id, question.other_record_id), false), held.record_id,
        held.source_file, held.source_key, forename, surname, forename_root, forenames, surnames, dob, dob_is_rough, sex, postcode,
        postcodes, overused_postcodes, pnc, cro, prison_number, crn
    from identity.held_record as held
    join identity.usable_record as used on used.record_id = held.record_id
    left join identity.stewardship_items(people) as question on question.item = request.item
    where held.person_key = any (people)
    order by held.person_key, held.record_id;
end $$;
comment on function access.take_evidence is 'Second step: the records of the item''s people as they are compared, with the postcodes that count as absent, and which two of them are the evidence. Notes what was shown.';

-- Decisions. Each act is one transaction: its event in the audit chain and its rows, or an error and nothing.
create function identity.begin_deciding(reason text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform access.check_reason(reason);
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'decisions are made at the isolation level read committed';  -- others would not see each other's
    end if;
    perform identity.keep_linkage_away();
    perform pg_advisory_xact_lock(hashtext('identity.decision'));
end $$;
comment on function identity.begin_deciding is 'Keep the linkage and other decisions away until the end of the transaction.';

-- The reason in the audit chain speaks of what the steward saw, so the decision must be about no other records.
create function identity.check_seen(people bigint[], with_question boolean) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    subject text := 'person ' || array_to_string(people, ' and ');
    command text := 'iom people show ' || array_to_string(people, '-') || ' "why you look"';
    latest access.look_request;
    now_there text[];
begin
    select look.* into latest
    from access.look_request as look
    where look.kind = 'item' and look.item = array_to_string(people, '-') and look.login = session_user and look.seen is not null
    order by look.requested_at desc
    limit 1;
    if latest.token is null then
        raise exception 'you have not looked at %', subject using hint = 'Nothing was written. Look first: ' || command;
    end if;
    now_there := identity.seen_now(people, latest.token);
    if latest.seen[1] <> now_there[1] or with_question and latest.seen[2] is distinct from now_there[2] then
        raise exception 'what there is of % has changed since you looked', subject
            using hint = 'Nothing was written. Look again, and decide on what you see then: ' || command;
    end if;
end $$;
comment on function identity.check_seen is 'Raise an error unless the records of people (the smaller key first), and if asked the question about them, are as they were when whoever is logged in last looked.';

-- Also over records that are away (deleted at source, without consent): they may come back, and the decisions stand.
create function identity.reached(records bigint[], with_fellows boolean) returns table (source_file text, source_key text)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with recursive said as materialized (
        select named.*
        from identity.decision as decision
        cross join lateral (values
            (decision.source_file, decision.source_key, other_source_file, other_source_key),
            (other_source_file, other_source_key, decision.source_file, decision.source_key)) as named (file, key, other_file, other_key)
        where kind = 'same' and withdrawn_by_decision is null
    ),
    reached (file, key) as (
        select record.source_file, record.source_key from identity.record where record_id = any (records)
        union
        select met.*
        from reached
        cross join lateral (
            select other_file, other_key from said where (said.file, said.key) = (reached.file, reached.key)
            union all
            select fellow.source_file, fellow.source_key
            from identity.held_record as held join identity.held_record as fellow using (person_key)
            where with_fellows and (held.source_file, held.source_key) = (reached.file, reached.key)
        ) as met
    )
    select file, key from reached
$$;
comment on function identity.reached is 'The given records and all that stewards said to be the same person, whether they are there now or not; with fellows, also all that belong to the same people now.';

create function identity.contradicted_by(verdict text, records bigint[], others bigint[]) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    with reached as materialized (
        select source_file, source_key
        from identity.reached(case verdict when 'same' then records || others else records end, verdict = 'same')
    )
    select string_agg(decision_id || ' of ' || decided_by, ', ' order by decision_id)
    from identity.decision
    where withdrawn_by_decision is null and kind in ('same', 'different') and kind <> verdict
        and (source_file, source_key) in (select source_file, source_key from reached)
        and (other_source_file, other_source_key) in (select source_file, source_key from reached)
        and (verdict = 'same' or exists (
            select from reached join identity.record using (source_file, source_key) where record_id = any (others)))
$$;
comment on function identity.contradicted_by is 'Standing decisions that stand against saying `verdict` of every pair of a record and an other, in words; null when there is none.';

-- Pairs of which somebody has said the same are written again: each act stands by itself, whatever becomes of a colleague's.
create function identity.decide(verdict text, records bigint[], others bigint[], subject text, reason text) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    against text := identity.contradicted_by(verdict, records, others);
    event bigint;
    number bigint;
begin
    if against is not null then
        raise exception 'this contradicts decision %', against
            using hint = 'Nothing was written. Withdraw that decision first, or leave it as it is.';
    elsif verdict = 'same' and exists (select from identity.record where record_id = any (records || others) and not is_linkable) then
        raise exception 'a client of a drug service has not consented to be linked' using hint = 'Nothing was written.';
    end if;
    if not exists (
        select from unnest(records) as one cross join unnest(others) as other
        where not exists (
            select from identity.standing_decision as decision
            where (least(decision.record_id, other_id), greatest(decision.record_id, other_id)) = (least(one, other), greatest(one, other)))
    ) then
        raise exception 'this was decided already' using hint = 'Nothing was written. The next linkage run obeys it.';
    end if;
    event := audit.record_event('decide ' || verdict, subject, reason);
    with decided as (
        insert into identity.decision
            (kind, source_file, source_key, other_source_file, other_source_key, reason, decided_by, event_id)
        select verdict, one.source_file, one.source_key, other.source_file, other.source_key, reason, session_user, event
        from identity.record as one cross join identity.record as other
        where one.record_id = any (records) and other.record_id = any (others)
        returning decision_id
    )
    select min(decision_id) into number from decided;
    return number;
end $$;
comment on function identity.decide is 'Write that every pair of a record and an other is the same person, or is not; returns the number of the first decision.';

-- That two people are one is said of all their records, so that it outlives each of them; of no client's, who may take consent back,
-- unless only clients know the person, or the PNC, which would else keep it apart from the other person's.
create function identity.standing_for(person_key bigint) returns bigint[] language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when bool_and(is_client) then array_agg(record_id order by record_id)
        else array_agg(record_id order by record_id) filter (where not is_client)
            || case when count(pnc) filter (where not is_client) = 0
                then (array_agg(record_id order by record_id) filter (where pnc is not null))[:1] end
        end
    from (
        select record_id, held.source_file = 'dip_client' as is_client, pnc
        from identity.held_record as held join identity.usable_record using (record_id)
        where held.person_key = standing_for.person_key
    ) as held
$$;
comment on function identity.standing_for is 'The records of a person of which it is decided that the person is somebody else too.';

create function access.decide_item(item text, is_same boolean, reason text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    people bigint[];
    question identity.stewardship_item;
    subject text;
    own bigint[];
    others bigint[];
begin
    perform identity.begin_deciding(reason);
    people := identity.people_of_item(item);
    select found.* into question from identity.stewardship_items(people) as found where found.item = array_to_string(people, '-');
    if question.item is null then
        raise exception 'item % is not in the queue', item using hint = 'It was decided, or its evidence is gone. Look at the queue again.';
    end if;
    perform identity.check_seen(people, true);
    subject := 'person ' || replace(question.item, '-', ' and ');
    select array_agg(record_id order by source_file = 'dip_client', record_id) into own  -- a client may take consent back
    from identity.held_record where person_key = question.person_key;
    if question.other_person_key is null and is_same then
        return identity.decide('same', own[:1], own[2:], subject, reason);
    elsif question.other_person_key is null then
        raise exception 'that some records of a person belong to another does not say which'
            using hint = 'Split the person: name the records to take out.';
    elsif is_same and (
        select count(distinct pnc) > 1 from identity.held_record as held join identity.usable_record using (record_id)
        where held.person_key in (question.person_key, question.other_person_key)
    ) then
        return identity.decide('same', identity.standing_for(question.person_key), identity.standing_for(question.other_person_key),
            subject, reason);
    elsif is_same then
        return identity.decide('same', array[question.record_id], array[question.other_record_id], subject, reason);
    end if;
    select array_agg(record_id) into others from identity.held_record where person_key = question.other_person_key;
    return identity.decide('different', own, others, subject, reason);
end $$;
comment on function access.decide_item is 'Decide an item of the queue: its two people are the same (its two records are, and what belongs to them; of two PNCs the records that have them), or are not (none of their records is another''s). Of a large person: all its records are the same person. Returns the decision.';

create function access.merge_people(person_key bigint, other_person_key bigint, reason text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    people bigint[];
begin
    perform identity.begin_deciding(reason);
    people := identity.people_of_item(merge_people.person_key || '-' || merge_people.other_person_key);
    perform identity.check_seen(people, false);
    return identity.decide('same', identity.standing_for(people[1]), identity.standing_for(people[2]),
        'person ' || array_to_string(people, ' and '), reason);
end $$;
comment on function access.merge_people is 'Decide that two people are one, whether or not the queue asks. Returns the decision.';

create function access.split_person(person_key bigint, records bigint[], reason text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    taken bigint[];
    rest bigint[];
begin
    perform identity.begin_deciding(reason);
    perform identity.check_seen(identity.people_of_item(split_person.person_key::text), false);
    select
        array_agg(record_id) filter (where record_id = any (records)),
        array_agg(record_id) filter (where record_id <> all (records))
    into taken, rest
    from identity.held_record where person_key = split_person.person_key;
    if coalesce(cardinality(taken), 0) <> (select count(distinct named) from unnest(records) as named) or taken is null then
        raise exception 'not all of these are records of person %', split_person.person_key
            using hint = 'Write the number of each as iom people show prints it now; a relink of everybody gives new ones.';
    elsif rest is null then
        raise exception 'these are all records of person %', split_person.person_key using hint = 'Name those to take out, and leave the others.';
    end if;
    return identity.decide('different', taken, rest, 'person ' || split_person.person_key, reason);
end $$;
comment on function access.split_person is 'Decide that some records (their numbers in identity.record, as the evidence has them) of a person belong to none of its others. Returns the decision.';

create function access.withdraw_decision(decision bigint, reason text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    withdrawn bigint[];
    event bigint;
    number bigint;
begin
    perform identity.begin_deciding(reason);
    select array_agg(fellow.decision_id) into withdrawn
    from identity.decision as named join identity.decision as fellow using (event_id)
    where named.decision_id = decision and fellow.kind <> 'undecided' and fellow.withdrawn_by_decision is null;
    if withdrawn is null then
        raise exception 'no decision % stands', decision using hint = 'It was never made, or was withdrawn already.';
    end if;
    event := audit.record_event('withdraw decision', 'decision ' || decision, reason);
    with undecided as (
        insert into identity.decision
            (kind, source_file, source_key, other_source_file, other_source_key, reason, decided_by, event_id)
        select 'undecided', source_file, source_key, other_source_file, other_source_key, withdraw_decision.reason, session_user, event
        from identity.decision where decision_id = any (withdrawn)
        returning *
    ),
    closed as (
        update identity.decision as held set withdrawn_by_decision = undecided.decision_id
        from undecided
        where held.decision_id = any (withdrawn)
            and (held.source_file, held.source_key) = (undecided.source_file, undecided.source_key)
            and (held.other_source_file, held.other_source_key) = (undecided.other_source_file, undecided.other_source_key)
    )
    select min(decision_id) into number from undecided;
    return number;
end $$;
comment on function access.withdraw_decision is 'Leave what was decided, with all that was decided together with it, to the model again. Returns the decision that says so.';

revoke execute on function identity.stewardship_items, identity.keep_linkage_away, identity.people_of_item, identity.seen_now, identity.begin_deciding,
    identity.check_seen, identity.reached, identity.contradicted_by, identity.decide, identity.standing_for, access.linkage_queue,
    access.request_evidence, access.note_explanation, access.take_evidence, access.decide_item, access.merge_people,
    access.split_person, access.withdraw_decision from public;
grant execute on function access.note_explanation to iom_steward, iom_auditor;
grant execute on function access.linkage_queue, access.request_evidence, access.take_evidence, access.decide_item, access.merge_people,
    access.split_person, access.withdraw_decision to iom_steward;
grant usage on schema access to iom_linker;
grant execute on function identity.keep_linkage_away to iom_linker;
grant execute on function access.linkage_queue to iom_linker;

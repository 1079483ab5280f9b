"""Stable keys for the groups that were made anew, and the history of links and conflicts: only what changed is written.

Which key a group gets: a key belongs to the group that holds the record linked to it first (a record that is linked to it now
comes before one that was once; where links are put back after the run of a past night, now is before that run). A group keeps
the smallest of the keys that belong to it, those in use before those that are not; a group to which none belongs has a key
minted. So people who merge keep the smallest key; of a person who splits, the part that was there first keeps the key and the
others get their own key back, if they had one before, or a new one.
"""

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage import records, sources

# linking_person: the key of each group. linking_kept: the places of records whose open link says already what it should.
CREATE_TABLES = """
    create temporary table linking_person (group_id bigint primary key, person_key bigint not null) on commit drop;
    create temporary table linking_kept (place bigint primary key) on commit drop;
"""

# A key may be owned by a record that is none of the night's: then nobody else gets it. Nor does anybody get one that such a
# record has now, whoever owned it when a past night was linked.
KEEP_KEYS = """
    truncate linking_person;
    with in_question as (
        select distinct person_key from linking_record join identity.link as link using (source_file, source_key)
    ),
    once_linked as (
        select
            link.source_file, link.source_key, link.person_key,
            bool_or(link.opened_by_run <= %(known_at)s and coalesce(link.closed_by_run > %(known_at)s, true)) as is_linked_now,
            min(link.opened_by_run) as first_run
        from in_question
        join identity.link as link using (person_key)
        join identity.record as held on (held.source_file, held.source_key) = (link.source_file, link.source_key)
        group by link.source_file, link.source_key, link.person_key
    ),
    held_elsewhere as (
        select person_key from in_question join identity.link as link using (person_key)
        where closed_by_run is null
            and not exists (
                select from linking_record as here
                where (here.source_file, here.source_key) = (link.source_file, link.source_key))
            and not exists (
                select from linking_gone as gone
                where (gone.source_file, gone.source_key) = (link.source_file, link.source_key))
    ),
    owned as (
        select distinct on (person_key) person_key, source_file, source_key, is_linked_now
        from once_linked
        order by person_key, is_linked_now desc, first_run,
            array_position(%(files)s::text[], source_file), source_key collate "C"
    )
    insert into linking_person
    select distinct on (parent) parent, person_key
    from owned
    join linking_record using (source_file, source_key)
    join linking_group on group_id = place
    where person_key not in (select person_key from held_elsewhere)
    order by parent, is_linked_now desc, person_key
"""

MINT_KEYS = """
    with without_key as (
        select group_id, row_number() over (order by group_id) as place
        from linking_group
        where parent = group_id and not exists (select from linking_person as kept where kept.group_id = linking_group.group_id)
    ),
    minted as (
        insert into identity.person (minted_at, minted_by_run)
        select run.started_at, run.run_id from identity.linkage_run as run, without_key where run.run_id = %(run_id)s
        returning person_key
    ),
    placed as (select person_key, row_number() over (order by person_key) as place from minted)
    insert into linking_person select group_id, person_key from without_key join placed using (place)
"""

# Links to keep are found first: a statement that inserts into a table that it also reads gets slower with every row.
KEEP_LINKS = """
    analyze linking_person;
    truncate linking_kept;
    insert into linking_kept
    select place
    from identity.link as link
    join linking_record using (source_file, source_key)
    join linking_group as grouped on grouped.group_id = place
    join linking_person as person on person.group_id = grouped.parent
    join linking_evidence as evidence using (place)
    where link.closed_by_run is null
        and (link.person_key, link.method, link.evidence) = (person.person_key, evidence.method, evidence.evidence);
    analyze linking_kept;
"""

# A person is in question whole or not at all, so the number of people moves by what these groups were and are.
COUNT_PEOPLE_BEFORE = """
    select count(distinct person_key)
    from (select source_file, source_key from linking_record union select source_file, source_key from linking_gone) as moved
    join identity.link using (source_file, source_key)
    where closed_by_run is null
"""

CLOSE_LINKS = """
    with moved as (
        select source_file, source_key from linking_record where place not in (select place from linking_kept)
        union
        select source_file, source_key from linking_gone
    )
    update identity.link as link
    set closed_by_run = run.run_id, linked_to = run.started_at
    from identity.linkage_run as run, moved
    where run.run_id = %(run_id)s and link.closed_by_run is null
        and (link.source_file, link.source_key) = (moved.source_file, moved.source_key)
"""

# A link that a past night's run closed in passing, and that is put back, is as old as it was.
OPEN_LINKS = """
    insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)
    select
        record.source_file, record.source_key, person.person_key, evidence.method, evidence.evidence,
        run.run_id, coalesce(before.linked_from, run.started_at)
    from identity.linkage_run as run
    cross join linking_record as record
    join linking_group as grouped on grouped.group_id = record.place
    join linking_person as person on person.group_id = grouped.parent
    join linking_evidence as evidence using (place)
    left join identity.link as before on before.closed_by_run = run.after_past_run
        and (before.source_file, before.source_key) = (record.source_file, record.source_key)
        and (before.person_key, before.method, before.evidence) = (person.person_key, evidence.method, evidence.evidence)
    where run.run_id = %(run_id)s and place not in (select place from linking_kept)
"""

WANTED_CONFLICTS = """
    with wanted as (
        select distinct
            conflict.kind, conflict.identifier_kind, this.source_file, this.source_key,
            other.source_file as other_source_file, other.source_key as other_source_key
        from linking_conflict as conflict
        join linking_record as this on this.place = conflict.place
        join linking_record as other on other.place = conflict.other_place
    )
"""

SAME_CONFLICT = """
    wanted.kind = conflict.kind and wanted.identifier_kind is not distinct from conflict.identifier_kind
    and (wanted.source_file, wanted.source_key) = (conflict.source_file, conflict.source_key)
    and (wanted.other_source_file, wanted.other_source_key) = (conflict.other_source_file, conflict.other_source_key)
"""

CLOSE_CONFLICTS = f"""
    {WANTED_CONFLICTS},
    moved as (select source_file, source_key from linking_record union all select source_file, source_key from linking_gone)
    update identity.conflict as conflict
    set closed_by_run = %(run_id)s
    where conflict.closed_by_run is null and not exists (select from wanted where {SAME_CONFLICT})
        and ((source_file, source_key) in (select source_file, source_key from moved)
            or (other_source_file, other_source_key) in (select source_file, source_key from moved))
"""

OPEN_CONFLICTS = f"""
    {WANTED_CONFLICTS},
    conflict as materialized (select * from identity.conflict where closed_by_run is null)
    insert into identity.conflict
        (kind, identifier_kind, source_file, source_key, other_source_file, other_source_key, found_by_run)
    select wanted.*, %(run_id)s from wanted where not exists (select from conflict where {SAME_CONFLICT})
"""

FINISH_RUN = """
    update identity.linkage_run
    set finished_at = greatest(clock_timestamp(), started_at),
        records = before.records + %(links_opened)s - %(links_closed)s,
        people = before.people + (select count(*) from linking_person) - %(people_before)s,
        minted = %(minted)s,
        links_opened = %(links_opened)s,
        links_closed = %(links_closed)s,
        conflicts = (select count(*) from identity.conflict where closed_by_run is null)
    from (
        select coalesce(max(records), 0) as records, coalesce(max(people), 0) as people
        from (select records, people from identity.linkage_run where run_id < %(run_id)s order by run_id desc limit 1) as last
    ) as before
    where run_id = %(run_id)s
    returning linkage_run.records, linkage_run.people, minted, links_opened, links_closed, conflicts
"""


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) table of keys for this transaction."""
    cursor.execute(CREATE_TABLES)


def write_people(cursor: Cursor, run_id: int, known_at: int) -> tuple[int, ...]:
    """Give every group of `linking_group` its key, bring links and conflicts to what the clustering found, and end the run.

    Keys belong first to those who were linked to them as of the run `known_at`. Returns the run's counts: records,
    people, minted, links opened, links closed, conflicts open.
    """
    files = [source.file for source in sources.all()]
    counts: dict[str, int] = {}

    def rows_changed(statement: str) -> int:
        cursor.execute(statement, {"run_id": run_id, "known_at": known_at, "files": files} | counts)
        return cursor.rowcount

    rows_changed(KEEP_KEYS)
    counts["minted"] = rows_changed(MINT_KEYS)
    cursor.execute(KEEP_LINKS)
    cursor.execute(COUNT_PEOPLE_BEFORE)
    counts["people_before"] = cursor.fetchone()[0]
    counts["links_closed"] = rows_changed(CLOSE_LINKS)
    counts["links_opened"] = rows_changed(OPEN_LINKS)
    rows_changed(CLOSE_CONFLICTS)
    rows_changed(OPEN_CONFLICTS)
    records.analyze(cursor, "link")
    rows_changed(FINISH_RUN)
    return cursor.fetchone()

"""Stable keys for groups of records, and the history of links and conflicts: only what changed is written.

Which key a group gets: a key belongs to the group that holds the record linked to it first (a record that is linked to it now
comes before one that was once). A group keeps the smallest of the keys that belong to it, those in use before those that are
not; a group to which none belongs has a key minted. So people who merge keep the smallest key; of a person who splits, the part
that was there first keeps the key and the others get their own key back, if they had one before, or a new one.
"""

from psycopg2.extensions import cursor as Cursor

# linking_person: the key of each group. linking_kept: the records whose open link says already what it should.
CREATE_TABLES = """
    create temporary table linking_person (group_id bigint primary key, person_key bigint not null) on commit drop;
    create temporary table linking_kept (record_id bigint primary key) on commit drop;
"""

KEEP_KEYS = """
    truncate linking_person;
    with once_linked as (
        select
            belonging.group_id, belonging.record_id, link.person_key,
            bool_or(link.closed_by_run is null) as is_linked_now,
            min(link.opened_by_run) as first_run
        from linking_group as belonging
        join linking_record using (record_id)
        join identity.link as link using (source_file, source_key)
        group by belonging.group_id, belonging.record_id, link.person_key
    ),
    owned as (
        select distinct on (person_key) person_key, group_id, is_linked_now
        from once_linked
        order by person_key, is_linked_now desc, first_run, record_id
    )
    insert into linking_person
    select distinct on (group_id) group_id, person_key from owned order by group_id, is_linked_now desc, person_key
"""

MINT_KEYS = """
    with without_key as (
        select group_id, row_number() over (order by group_id) as place
        from (select distinct group_id from linking_group) as every_group
        where not exists (select from linking_person where linking_person.group_id = every_group.group_id)
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
    select record.record_id
    from identity.link as link
    join linking_record as record using (source_file, source_key)
    join linking_group using (record_id)
    join linking_person as person using (group_id)
    join linking_evidence as evidence using (record_id)
    where link.closed_by_run is null
        and (link.person_key, link.method, link.evidence) = (person.person_key, evidence.method, evidence.evidence);
    analyze linking_kept;
"""

CLOSE_LINKS = """
    update identity.link as link
    set closed_by_run = run.run_id, linked_to = run.started_at
    from identity.linkage_run as run
    where run.run_id = %(run_id)s and link.closed_by_run is null
        and not exists (
            select from linking_kept
            join linking_record as record using (record_id)
            where (record.source_file, record.source_key) = (link.source_file, link.source_key)
        )
"""

OPEN_LINKS = """
    insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)
    select
        record.source_file, record.source_key, person.person_key, evidence.method, evidence.evidence,
        run.run_id, run.started_at
    from identity.linkage_run as run
    cross join linking_record as record
    join linking_group using (record_id)
    join linking_person as person using (group_id)
    join linking_evidence as evidence using (record_id)
    where run.run_id = %(run_id)s and not exists (select from linking_kept where linking_kept.record_id = record.record_id)
"""

WANTED_CONFLICTS = """
    with wanted as (
        select distinct
            conflict.kind, conflict.identifier_kind, this.source_file, this.source_key,
            other.source_file as other_source_file, other.source_key as other_source_key
        from linking_conflict as conflict
        join linking_record as this on this.record_id = conflict.record_id
        join linking_record as other on other.record_id = conflict.other_record_id
    )
"""

SAME_CONFLICT = """
    (wanted.kind, wanted.identifier_kind) = (conflict.kind, conflict.identifier_kind)
    and (wanted.source_file, wanted.source_key) = (conflict.source_file, conflict.source_key)
    and (wanted.other_source_file, wanted.other_source_key) = (conflict.other_source_file, conflict.other_source_key)
"""

CLOSE_CONFLICTS = f"""
    {WANTED_CONFLICTS}
    update identity.conflict as conflict
    set closed_by_run = %(run_id)s
    where conflict.closed_by_run is null and not exists (select from wanted where {SAME_CONFLICT})
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
        records = (select count(*) from linking_record),
        people = (select count(distinct group_id) from linking_group),
        minted = %(minted)s,
        links_opened = %(links_opened)s,
        links_closed = %(links_closed)s,
        conflicts = (select count(*) from identity.conflict where closed_by_run is null)
    where run_id = %(run_id)s
    returning records, people, minted, links_opened, links_closed, conflicts
"""


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) table of keys for this transaction."""
    cursor.execute(CREATE_TABLES)


def write_people(cursor: Cursor, run_id: int) -> tuple[int, ...]:
    """Give every group of `linking_group` its key, bring links and conflicts to what the matching found, and end the run.

    Returns the run's counts: records, people, minted, links opened, links closed, conflicts open.
    """

    def rows_changed(statement: str) -> int:
        cursor.execute(statement, {"run_id": run_id})
        return cursor.rowcount

    cursor.execute(KEEP_KEYS)
    minted = rows_changed(MINT_KEYS)
    cursor.execute(KEEP_LINKS)
    links_closed = rows_changed(CLOSE_LINKS)
    links_opened = rows_changed(OPEN_LINKS)
    rows_changed(CLOSE_CONFLICTS)
    rows_changed(OPEN_CONFLICTS)
    if links_opened + links_closed:
        cursor.execute("analyze identity.link")
    cursor.execute(FINISH_RUN, {"run_id": run_id, "minted": minted, "links_opened": links_opened, "links_closed": links_closed})
    return cursor.fetchone()

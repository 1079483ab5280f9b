"""The matching method: which records belong to one person, and why. Here: they share a valid identifier.

Identifiers are considered one after another: PNC first, then CRO, prison number, CRN; within a kind in the order of a fixed
hash. Each joins all groups of records that it is found in, with two exceptions, which are recorded as conflicts:

* **two birth dates**: the groups are joined per birth date, and a group without one is not joined by this identifier;
* **two PNCs**: groups with different PNCs (and the same or no birth date) are not joined, nor any other by this identifier.

So nobody ever has two birth dates or two PNCs, and the outcome depends on the records alone, not on the order of arrival.
Identifiers that touch different groups are worked on at once: in each round all those that come first for every group they are
found in. The outcome is that of one after another, in a few rounds of set-based statements.
"""

from psycopg2.extensions import cursor as Cursor

METHOD = "deterministic 1"

# linking_group: one row per record; its group is named by the smallest record_id in it, dob and pnc are the group's.
# linking_identifier: one row per identifier that several records share, and record.
# linking_pending: the part of it that is still to be worked on; linking_turn: the identifiers of this round.
CREATE_TABLES = """
    create temporary table linking_group (
        record_id bigint primary key,
        group_id bigint not null,
        dob date,
        pnc text
    ) on commit drop;
    create temporary table linking_identifier (
        identifier_id bigint not null,
        kind text not null,
        record_id bigint not null
    ) on commit drop;
    create temporary table linking_pending (identifier_id bigint not null, record_id bigint not null) on commit drop;
    create temporary table linking_turn (identifier_id bigint not null) on commit drop;
    create temporary table linking_conflict (
        kind text not null,
        identifier_kind text not null,
        record_id bigint not null,
        other_record_id bigint not null
    ) on commit drop;
    create temporary table linking_evidence (
        record_id bigint primary key,
        method text not null,
        evidence jsonb not null
    ) on commit drop;
"""

START = """
    truncate linking_group, linking_identifier, linking_pending, linking_turn, linking_conflict, linking_evidence;

    insert into linking_group select record_id, record_id, dob, pnc from linking_record;

    insert into linking_identifier
    with identifier as (
        select record_id, kind, strength, value
        from linking_record
        cross join lateral (
            values (1, 'pnc', pnc), (2, 'cro', cro), (3, 'prison_number', prison_number), (4, 'crn', crn)
        ) as of_record (strength, kind, value)
        where value is not null
    ),
    counted as (select *, count(*) over (partition by strength, value) as records from identifier)
    select dense_rank() over (order by strength, md5(value)::uuid, value), kind, record_id from counted where records > 1;

    insert into linking_pending select identifier_id, record_id from linking_identifier;
    analyze linking_group;
    analyze linking_identifier;
    analyze linking_pending;
"""

# The identifiers whose turn it is: none that is still pending comes before them for any group that they are found in.
TAKE_TURN = """
    truncate linking_turn;
    with found_in as (select distinct identifier_id, group_id from linking_pending join linking_group using (record_id)),
    next_of_group as (select identifier_id, min(identifier_id) over (partition by group_id) as next_id from found_in)
    insert into linking_turn
    select identifier_id from next_of_group group by identifier_id having bool_and(identifier_id = next_id);
    analyze linking_turn;
"""

# Per record of an identifier whose turn it is: the two birth dates or PNCs that the identifier meets, if it meets two.
FACTS_OF_TURN = """
    with dated as (
        select
            identifier_id, record_id, group_id, dob, pnc,
            min(dob) over of_identifier as first_dob,
            coalesce(min(dob) over of_identifier <> max(dob) over of_identifier, false) as has_two_dobs
        from linking_turn
        join linking_pending using (identifier_id)
        join linking_group using (record_id)
        window of_identifier as (partition by identifier_id)
    ),
    fact as (
        select
            *,
            has_two_dobs and dob is null as is_left_out,
            coalesce(min(pnc) over of_part <> max(pnc) over of_part, false) as has_two_pncs
        from dated
        window of_part as (partition by identifier_id, case when has_two_dobs then coalesce(dob::text, 'none') end)
    )
"""

NOTE_CONFLICTS = f"""
    {FACTS_OF_TURN},
    compared as (
        select
            'identifier_two_birth_dates' as conflict_kind, identifier_id, record_id,
            dob::text as word, first_value(dob::text) over earliest as other_word,
            first_value(record_id) over earliest as other_record_id
        from fact
        where has_two_dobs and dob is not null
        window earliest as (partition by identifier_id order by record_id)
        union all
        select
            'two_pncs', identifier_id, record_id,
            pnc, first_value(pnc) over earliest, first_value(record_id) over earliest
        from fact
        where has_two_pncs and pnc is not null and not is_left_out
        window earliest as (partition by identifier_id, dob order by record_id)
    )
    insert into linking_conflict
    select compared.conflict_kind, identifier.kind, compared.record_id, compared.other_record_id
    from compared
    join linking_identifier as identifier using (identifier_id, record_id)
    where compared.word <> compared.other_word
"""

JOIN_GROUPS = f"""
    {FACTS_OF_TURN},
    joined as (
        select distinct
            group_id,
            min(group_id) over of_part as joined_id,
            max(dob) over of_part as dob,
            max(pnc) over of_part as pnc
        from fact
        where not is_left_out and not has_two_pncs
        window of_part as (partition by identifier_id, case when has_two_dobs then dob end)
    )
    update linking_group as belonging
    set group_id = joined.joined_id, dob = joined.dob, pnc = joined.pnc
    from joined
    where belonging.group_id = joined.group_id
        and (belonging.group_id, belonging.dob, belonging.pnc) is distinct from (joined.joined_id, joined.dob, joined.pnc)
"""

END_TURN = """
    delete from linking_pending using linking_turn where linking_pending.identifier_id = linking_turn.identifier_id
"""

# Per kind, up to five records of the group that share the identifier are named: the first six without the record itself.
EXPLAIN = """
    with placed as (
        select
            kind, identifier_id, group_id, record_id, source_file || ' ' || source_key as name,
            row_number() over (partition by identifier_id, group_id order by record_id) as place
        from linking_identifier
        join linking_group using (record_id)
        join linking_record using (record_id)
    ),
    listed as (
        select
            kind, record_id, name,
            array_agg(name) filter (where place <= 6) over (
                partition by identifier_id, group_id order by place rows between unbounded preceding and unbounded following
            ) as first_names
        from placed
    ),
    shared as (
        select kind, record_id, (array_remove(first_names, name))[1:5] as names
        from listed
        where first_names <> array[name]
    )
    insert into linking_evidence
    select
        record_id,
        case count(kind) when 0 then 'single' when 1 then min(kind) else 'several' end,
        coalesce(jsonb_object_agg(kind, names) filter (where kind is not null), '{}')
    from linking_group
    left join shared using (record_id)
    group by record_id;
    analyze linking_evidence;
"""


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) tables of the method for this transaction."""
    cursor.execute(CREATE_TABLES)


def match_records(cursor: Cursor) -> None:
    """Group the records of linking_record.

    Leaves `linking_group` (record -> group), `linking_evidence` (record -> method, evidence) and `linking_conflict`.
    """
    cursor.execute(START)
    while _is_pending(cursor):  # each round is the turn of the first pending identifier at least
        cursor.execute(TAKE_TURN)
        cursor.execute(NOTE_CONFLICTS)
        cursor.execute(JOIN_GROUPS)
        cursor.execute(END_TURN)
    cursor.execute(EXPLAIN)


def _is_pending(cursor: Cursor) -> bool:
    cursor.execute("select exists (select from linking_pending)")
    return cursor.fetchone()[0]

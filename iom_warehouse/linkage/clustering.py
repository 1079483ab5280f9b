"""Clustering: which records are one person, decided edge after edge from the strongest evidence down.

Edges are taken one after another: first those of stewards who said "same", then scored pairs by falling weight. An edge joins
the groups of its two records when its weight reaches the join threshold, or only the split threshold where the two belonged to
one person already. It is refused when the joined group would hold two valid PNCs (unless a steward said "same"), or two records
of which a steward said "different", or when its two records look like twins. What is refused is recorded as a conflict.

Edges that touch different groups are worked on at once: in each round all those that come first for both of their groups. The
outcome is that of one after another, in a few rounds of statements over sets. Only people whom the night's change can reach are
regrouped; all others stay as they are. Every tie is decided by the order of files and keys: the order of arrival never matters.

At last each DIP client joins the one person who holds the identifier that was given with consent.
"""

from dataclasses import asdict, dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.sources import SOURCES

# linking_touched: the records to regroup, and the step of the search in which each was found.
# linking_record: the same with their place in the order of files and keys. linking_group: one row per record, which starts as a
# group of its own; a group is named by its first record, `parent` is the group that it went into.
# linking_holder: who holds an identifier of a DIP client.
# linking_edge: what may join, strongest first. linking_pending: per two groups the first edge between them.
# linking_component: what is connected by edges at all, labelled by its first record.
CREATE_TABLES = """
    create temporary table linking_touched (record_id bigint primary key, step integer not null) on commit drop;
    create temporary table linking_record (
        place bigint primary key,
        record_id bigint not null unique,
        source_file text not null,
        source_key text not null
    ) on commit drop;
    create temporary table linking_group (group_id bigint primary key, parent bigint not null, pncs text[] not null)
        on commit drop;
    create temporary table linking_edge (
        turn bigint primary key,
        place_a bigint not null,
        place_b bigint not null,
        is_stewards boolean not null
    ) on commit drop;
    create temporary table linking_pending (group_a bigint not null, group_b bigint not null, turn bigint not null)
        on commit drop;
    create temporary table linking_component (group_id bigint primary key, label bigint not null) on commit drop;
    create temporary table linking_apart (group_a bigint not null, group_b bigint not null) on commit drop;
    create temporary table linking_turn (group_a bigint not null, group_b bigint not null, is_joined boolean not null)
        on commit drop;
    create temporary table linking_holder (
        place bigint not null,
        holder_place bigint not null,
        parent bigint not null,
        identifier_kind text not null,
        objection text
    ) on commit drop;
    create temporary table linking_conflict (
        kind text not null,
        identifier_kind text,
        place bigint not null,
        other_place bigint not null
    ) on commit drop;
    create temporary table linking_evidence (place bigint primary key, method text not null, evidence jsonb not null)
        on commit drop;
"""

STANDING_DECISIONS = """
    select decision_id, kind, one.record_id, other.record_id as other_id
    from identity.decision as decision
    join identity.record as one using (source_file, source_key)
    join identity.record as other
        on (other.source_file, other.source_key) = (decision.other_source_file, decision.other_source_key)
    where withdrawn_by_decision is null
"""

# An edge that could ever join: the reach of a change.
BINDING = "(shares_identifier or weight >= %(split)s)"

TOUCH_ALL = "truncate linking_touched; insert into linking_touched select record_id, 0 from identity.record"

# Who changed, who was one person with somebody who changed or left, and those of whom a steward decided since the last run.
TOUCH_FIRST = """
    truncate linking_touched;
    insert into linking_touched
    with moved as (
        select source_file, source_key from linking_changed join identity.record using (record_id)
        union
        select source_file, source_key from linking_gone
        union
        select named.* from identity.decision
        cross join lateral (values (source_file, source_key), (other_source_file, other_source_key)) as named
        where decision_id > %(last_decision)s or withdrawn_by_decision > %(last_decision)s
    )
    select record_id, 0 from moved join identity.record using (source_file, source_key)
    union
    select record.record_id, 0
    from moved
    join identity.link as link using (source_file, source_key)
    join identity.link as fellow using (person_key)
    join identity.record as record on (record.source_file, record.source_key) = (fellow.source_file, fellow.source_key)
    where link.closed_by_run is null and fellow.closed_by_run is null
"""
TOUCH_NEXT = f"""
    insert into linking_touched
    with edge as (select record_id from linking_touched where step = %(step)s)
    select record_b, %(step)s + 1 from edge join identity.pair on record_a = record_id where {BINDING}
    union
    select record_a, %(step)s + 1 from edge join identity.pair on record_b = record_id where {BINDING}
    union
    select other.record_id, %(step)s + 1
    from edge
    join identity.record as one using (record_id)
    join identity.link as link using (source_file, source_key)
    join identity.link as fellow using (person_key)
    join identity.record as other on (other.source_file, other.source_key) = (fellow.source_file, fellow.source_key)
    where link.closed_by_run is null and fellow.closed_by_run is null
    union
    select case when decided.record_id = edge.record_id then other_id else decided.record_id end, %(step)s + 1
    from ({STANDING_DECISIONS}) as decided join edge on edge.record_id in (decided.record_id, other_id)
    on conflict do nothing
"""

PLACE = 'array_position(%(files)s::text[], source_file), source_key collate "C"'
START = f"""
    truncate linking_record, linking_group, linking_edge, linking_pending, linking_apart, linking_conflict, linking_evidence;
    analyze linking_touched;

    insert into linking_record
    select row_number() over (order by {PLACE}), record_id, source_file, source_key
    from linking_touched join identity.record using (record_id);

    insert into linking_group
    select place, place, case when pnc is null then '{{}}' else array[pnc] end
    from linking_record join identity.usable_record using (record_id);
    analyze linking_record;
    analyze linking_group;

    insert into linking_edge
    with edge as (
        select a.place as place_a, b.place as place_b, false as is_stewards, weight
        from identity.pair
        join linking_record as a on a.record_id = record_a
        join linking_record as b on b.record_id = record_b
        where kind = 'scored' and not looks_like_twins and (weight >= %(join)s or weight >= %(split)s and exists (
            select
            from identity.link as link
            join identity.link as fellow using (person_key)
            where (link.source_file, link.source_key) = (a.source_file, a.source_key)
                and (fellow.source_file, fellow.source_key) = (b.source_file, b.source_key)
                and link.opened_by_run <= %(known_at)s and coalesce(link.closed_by_run > %(known_at)s, true)
                and fellow.opened_by_run <= %(known_at)s and coalesce(fellow.closed_by_run > %(known_at)s, true)
        ))
        union all
        select a.place, b.place, true, 0
        from ({STANDING_DECISIONS}) as decided
        join linking_record as a on a.record_id = decided.record_id
        join linking_record as b on b.record_id = other_id
        where kind = 'same'
    )
    select
        row_number() over (order by is_stewards desc, weight desc, least(place_a, place_b), greatest(place_a, place_b)),
        least(place_a, place_b), greatest(place_a, place_b), is_stewards
    from edge;
    analyze linking_edge;

    insert into linking_pending select place_a, place_b, min(turn) from linking_edge group by 1, 2;
    insert into linking_apart
    select distinct least(a.place, b.place), greatest(a.place, b.place)
    from ({STANDING_DECISIONS}) as decided
    join linking_record as a on a.record_id = decided.record_id
    join linking_record as b on b.record_id = other_id
    where kind = 'different'
"""

# Where nothing can be refused, the order does not matter and all that is connected is one group. That settles almost everybody.
START_COMPONENTS = """
    truncate linking_component;
    insert into linking_component
    select group_id, group_id
    from (select group_a as group_id from linking_pending union select group_b from linking_pending) as met;
    analyze linking_component;
    analyze linking_pending
"""
HOOK_COMPONENTS = """
    update linking_component as root set label = met.label
    from (
        select greatest(a.label, b.label) as root_id, min(least(a.label, b.label)) as label
        from linking_pending
        join linking_component as a on a.group_id = group_a
        join linking_component as b on b.group_id = group_b
        where a.label <> b.label
        group by 1
    ) as met
    where root.group_id = met.root_id
"""
FOLLOW_LABELS = """
    update linking_component as within set label = above.label
    from linking_component as above
    where above.group_id = within.label and above.label <> within.label
"""
JOIN_UNDISPUTED = """
    with held as (
        select label, array_agg(distinct pnc) filter (where pnc is not null) as pncs
        from linking_component join linking_group using (group_id) left join lateral unnest(pncs) as pnc on true
        group by label
    ),
    undisputed as (
        select label, coalesce(pncs, '{}') as pncs
        from held
        where coalesce(cardinality(pncs), 0) < 2
            and label not in (select label from linking_component join linking_apart on group_id in (group_a, group_b))
    ),
    settled as (
        update linking_group as joined set parent = undisputed.label, pncs = undisputed.pncs
        from linking_component as component join undisputed using (label)
        where component.group_id = joined.group_id
    )
    delete from linking_pending using linking_component as component join undisputed using (label)
    where component.group_id = group_a
"""

# The edges whose turn it is: none that is still pending comes before them for either of their groups.
TAKE_TURN = """
    truncate linking_turn;
    analyze linking_pending;
    insert into linking_turn
    with found_in as (select turn, unnest(array[group_a, group_b]) as group_id from linking_pending),
    next_of_group as (select turn, min(turn) over (partition by group_id) as next_turn from found_in),
    next as (select turn from next_of_group group by turn having bool_and(turn = next_turn))
    select
        pending.group_a, pending.group_b,
        (a.pncs @> b.pncs or b.pncs @> a.pncs or edge.is_stewards)
            and not exists (select from linking_apart as apart
                where (apart.group_a, apart.group_b) = (pending.group_a, pending.group_b))
    from next
    join linking_pending as pending using (turn)
    join linking_edge as edge using (turn)
    join linking_group as a on a.group_id = pending.group_a
    join linking_group as b on b.group_id = pending.group_b;
    analyze linking_turn
"""

JOIN_GROUPS = """
    update linking_group as joined
    set pncs = array(select distinct pnc from unnest(joined.pncs || other.pncs) as pnc order by pnc)
    from linking_turn as turn join linking_group as other on other.group_id = turn.group_b
    where turn.is_joined and joined.group_id = turn.group_a and not joined.pncs @> other.pncs;

    update linking_group as joined set parent = turn.group_a
    from linking_turn as turn
    where turn.is_joined and joined.group_id = turn.group_b
"""

# Between two groups only the first edge counts: when it joins, the others are within the group; when it is refused, so are they.
MOVE_ON = """
    with pending as (delete from {table} returning *)
    insert into {table}
    select least(now_a, now_b), greatest(now_a, now_b) {first_turn}
    from (
        select coalesce(a.group_a, pending.group_a) as now_a, coalesce(b.group_a, pending.group_b) as now_b, pending.*
        from pending
        left join linking_turn as a on a.is_joined and a.group_b = pending.group_a
        left join linking_turn as b on b.is_joined and b.group_b = pending.group_b
    ) as moved
    where now_a <> now_b {unless_refused}
    group by 1, 2
"""
MOVE_PENDING = MOVE_ON.format(
    table="linking_pending",
    first_turn=", min(turn)",
    unless_refused="""and not exists (select from linking_turn as refused
        where not refused.is_joined and (refused.group_a, refused.group_b) = (moved.group_a, moved.group_b))""",
)
MOVE_APART = MOVE_ON.format(table="linking_apart", first_turn="", unless_refused="")

FOLLOW_PARENTS = """
    update linking_group as joined set parent = above.parent
    from linking_group as above
    where above.group_id = joined.parent and above.parent <> above.group_id
"""

# The people who hold an identifier of a DIP client, and what speaks against them. A client whom a steward placed is left alone.
FIND_HOLDERS = """
    truncate linking_holder;
    insert into linking_holder
    with shared as (
        select record_a as client_id, record_b as holder_id from identity.pair where kind = 'dip_identifier'
        union all
        select record_b, record_a from identity.pair where kind = 'dip_identifier'
    ),
    grown as (select distinct parent from linking_group where parent <> group_id)
    select
        client.place, holder.place, grouped.parent, case when c.pnc = h.pnc then 'pnc' else 'prison_number' end,
        case
            when exists (select from linking_apart as apart where (apart.group_a, apart.group_b)
                = (least(client.place, grouped.parent), greatest(client.place, grouped.parent))) then 'steward_different'
            when c.pnc is not null and main.pncs <> '{}' and not main.pncs @> array[c.pnc] then 'two_pncs'
            when c.dob <> h.dob and left(h.forename, 1) || left(h.surname, 1) <> c.forename || c.surname then 'dip_contradicted'
        end
    from shared
    join linking_record as client on client.record_id = client_id and client.source_file = 'dip_client'
    join linking_record as holder on holder.record_id = holder_id and holder.source_file <> 'dip_client'
    join identity.usable_record as c on c.record_id = client_id
    join identity.usable_record as h on h.record_id = holder_id
    join linking_group as own on own.group_id = client.place
    join linking_group as grouped on grouped.group_id = holder.place
    join linking_group as main on main.group_id = grouped.parent
    where own.parent = client.place and client.place not in (select parent from grown)
"""
JOIN_DIP_CLIENTS = """
    update linking_group as joined set parent = held.parent
    from (
        select place, min(parent) as parent from linking_holder
        group by place having count(distinct parent) = 1 and count(objection) = 0
    ) as held
    where joined.group_id = held.place
"""
# Clients of whom no other feed knows, with the same identifier and birth date.
JOIN_DIP_CLIENTS_TO_EACH_OTHER = """
    with unheld as (
        select place, min(place) over (partition by coalesce(pnc, prison_number), dob) as first_place
        from linking_record
        join identity.usable_record using (record_id)
        join linking_group on group_id = place
        where usable_record.source_file = 'dip_client' and coalesce(pnc, prison_number) is not null and parent = place
            and place not in (select place from linking_holder)
            and place not in (select parent from linking_group where parent <> group_id)
    )
    update linking_group as joined set parent = first_place
    from unheld
    where joined.group_id = place
        and not exists (select from linking_apart where (group_a, group_b) = (first_place, place))
"""

# A pair of groups has one conflict: the strongest edge that was refused, else suspected twins, else an identifier they share.
NOTE_CONFLICTS = """
    insert into linking_conflict
    with edge as (
        select 1 as strength, edge.turn as turn, place_a, place_b, null as kind from linking_edge as edge
        union all
        select
            case when looks_like_twins and weight >= %(join)s then 2 else 3 end,
            row_number() over (order by weight desc nulls last, least(a.place, b.place), greatest(a.place, b.place)),
            least(a.place, b.place), greatest(a.place, b.place),
            case when looks_like_twins and weight >= %(join)s then 'suspected_twins' else 'identifier_contradicted' end
        from identity.pair
        join linking_record as a on a.record_id = record_a
        join linking_record as b on b.record_id = record_b
        where kind <> 'dip_identifier' and (shares_identifier or looks_like_twins and weight >= %(join)s)
    ),
    refused as (
        select distinct on (least(a.parent, b.parent), greatest(a.parent, b.parent))
            least(a.parent, b.parent) as group_a, greatest(a.parent, b.parent) as group_b, place_a, place_b, kind
        from edge
        join linking_group as a on a.group_id = place_a
        join linking_group as b on b.group_id = place_b
        where a.parent <> b.parent
        order by 1, 2, strength, turn
    )
    select
        case
            when kind is not null then kind
            when exists (select from linking_apart as apart
                where (apart.group_a, apart.group_b) = (refused.group_a, refused.group_b)) then 'steward_different'
            else 'two_pncs'
        end,
        case when a.pnc = b.pnc then 'pnc' when a.cro = b.cro then 'cro'
            when a.prison_number = b.prison_number then 'prison_number' when a.crn = b.crn then 'crn' end,
        place_a, place_b
    from refused
    join linking_record as at_a on at_a.place = place_a
    join linking_record as at_b on at_b.place = place_b
    join identity.usable_record as a on a.record_id = at_a.record_id
    join identity.usable_record as b on b.record_id = at_b.record_id
    union all
    (
        select distinct on (held.place, held.parent)
            coalesce(objection, 'dip_ambiguous'), identifier_kind, held.place, holder_place
        from linking_holder as held
        join linking_group on group_id = held.place
        where linking_group.parent = held.place
        order by held.place, held.parent, holder_place
    )
"""

EXPLAIN = f"""
    insert into linking_evidence
    with together as materialized (
        select record_id, place, group_id, parent, source_file || ' ' || source_key as name
        from linking_record join linking_group on group_id = place
        where parent in (select parent from linking_group group by parent having count(*) > 1)
    ),
    edge as (
        select a.place, b.place as other_place, b.name as other_name, pair.kind, pair.weight, pair.levels
        from identity.pair as pair
        join together as a on a.record_id = record_a
        join together as b on b.record_id = record_b and b.parent = a.parent
        where kind <> 'dip_candidate'
    ),
    either as (
        select place, other_place, other_name, kind, weight, levels from edge
        union all
        select edge.other_place, edge.place, together.name, kind, weight, levels from edge join together using (place)
    ),
    ranked as (
        select *, row_number() over (partition by place order by weight desc nulls last, other_place) as rank from either
    ),
    explained as (
        select
            place, bool_or(weight >= %(split)s) as is_scored, bool_or(kind = 'dip_identifier') as is_dip,
            jsonb_agg(
                jsonb_strip_nulls(jsonb_build_object('record', other_name, 'weight', weight, 'levels', levels)) order by rank
            ) as edges
        from ranked where rank <= 3
        group by place
    ),
    decided as (
        select a.place, jsonb_agg(distinct decision_id) as decisions
        from ({STANDING_DECISIONS}) as decision
        cross join lateral (values (decision.record_id, other_id), (other_id, decision.record_id)) as named (this_id, that_id)
        join together as a on a.record_id = this_id
        join together as b on b.record_id = that_id and b.parent = a.parent
        where kind = 'same'
        group by a.place
    )
    select
        place,
        case when decisions is not null then 'steward' when is_scored then %(method)s when is_dip then 'dip identifier'
            else 'single' end,
        jsonb_strip_nulls(jsonb_build_object('edges', edges, 'decisions', decisions))
    from linking_record left join explained using (place) left join decided using (place);
    analyze linking_evidence
"""


@dataclass(frozen=True)
class Known:
    """What was known before: the run whose people count as together already, and the last decision that was obeyed."""

    run_id: int
    last_decision: int


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) tables of this stage for this transaction."""
    cursor.execute(CREATE_TABLES)


def group_records(cursor: Cursor, model: Model, known: Known) -> None:
    """Regroup whom the changed records can reach.

    Leaves `linking_record` (the records in question), `linking_group` (its place -> `parent`, the group), `linking_evidence`
    (place -> method, evidence) and `linking_conflict`.
    """
    values = asdict(model.thresholds) | {
        "known_at": known.run_id,
        "last_decision": known.last_decision,
        "files": [source.file for source in SOURCES],
        "method": method(model),
    }
    _touch(cursor, values)
    cursor.execute(START, values)
    _settle_undisputed(cursor)
    while _is_pending(cursor):  # each round is the turn of the first pending edge at least
        for statement in (TAKE_TURN, JOIN_GROUPS, MOVE_PENDING, MOVE_APART):
            cursor.execute(statement)
    _repeat(cursor, FOLLOW_PARENTS)
    for statement in (FIND_HOLDERS, JOIN_DIP_CLIENTS, JOIN_DIP_CLIENTS_TO_EACH_OTHER):
        cursor.execute(statement)
    cursor.execute(NOTE_CONFLICTS, values)
    cursor.execute(EXPLAIN, values)


def method(model: Model) -> str:
    """What a link that this model made is said to be made by."""
    return f"splink {model.version}"


def _touch(cursor: Cursor, values: dict[str, Any]) -> None:
    cursor.execute("select (select count(*) from linking_changed) = (select count(*) from identity.record)")
    if cursor.fetchone()[0]:
        cursor.execute(TOUCH_ALL)
        return
    cursor.execute(TOUCH_FIRST, values)
    step = 0
    while cursor.rowcount:
        cursor.execute(TOUCH_NEXT, values | {"step": step})
        step += 1


def _settle_undisputed(cursor: Cursor) -> None:
    cursor.execute(START_COMPONENTS)
    cursor.execute(HOOK_COMPONENTS)
    while cursor.rowcount:
        _repeat(cursor, FOLLOW_LABELS)
        cursor.execute(HOOK_COMPONENTS)
    cursor.execute(JOIN_UNDISPUTED)


def _is_pending(cursor: Cursor) -> bool:
    cursor.execute("select exists (select from linking_pending)")
    return cursor.fetchone()[0]


def _repeat(cursor: Cursor, statement: str) -> None:
    cursor.execute(statement)
    while cursor.rowcount:
        cursor.execute(statement)

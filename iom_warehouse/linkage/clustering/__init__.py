"""Clustering: which records are one person, decided edge after edge from the strongest evidence down.

Edges are taken one after another: first those of stewards who said "same", then scored pairs by falling weight. An edge joins
the groups of its two records when its weight reaches the join threshold, or only the split threshold where the two belonged
to one person already; an identifier in common of two of whom all else says that they are two, or who have another forename
and another birth date, joins nobody. An edge is refused when the joined group would hold two valid PNCs (unless a steward
said "same"), or two records of which a steward said "different", or two that share such an identifier, unless a steward
vouches for it, or two that look like twins, unless a steward or an identifier in common does. The last two may also join
where one of the groups goes by two forenames already, as an edge that was taken vouches, and the record of the other has one
of them. Two groups that were refused once are not tried again by their other edges. What is refused is recorded as a
conflict.

Edges that touch different groups are worked on at once: in each round all those that come first for both of their groups. The
outcome is that of one after another, in a few rounds of statements over sets. Only people whom the night's change can reach are
regrouped; all others stay as they are. Every tie is decided by the order of files and keys: the order of arrival never matters.

At last each DIP client joins the one person who holds the identifier that was given with consent.

`reach` finds whom a change can reach, `joining` takes the edges, `dip_clients` adds the clients, `findings` says why.
"""

from dataclasses import asdict, dataclass

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage import sources
from iom_warehouse.linkage.clustering import dip_clients, findings, joining, reach
from iom_warehouse.linkage.model import OTHER, OTHER_BIRTH_DATES, Model

# linking_touched: the records to regroup, and the step of the search in which each was found.
# linking_decision: the decisions that stood when the night was linked, or is taken to have been.
# linking_record: the same with their place in the order of files and keys. linking_group: one row per record, which starts as a
# group of its own; a group is named by its first record, `parent` is the group that it went into. `has_two_forenames`: an
# identifier or a steward says that one person goes by forenames that are unlike.
# linking_holder: who holds an identifier of a DIP client; `group_id` is the client's group before that.
# linking_edge: what may join, strongest first; `is_vouched`: by a steward or an identifier in common; `has_two_forenames`: an
# identifier in common over forenames that are unlike.
# linking_pending: per two groups the first edge between them, and whether any is vouched for. linking_refused: why an edge was.
# linking_apart: who was told apart by a steward, shares an identifier that is somebody else's, or looks like twins, each in a
# group, and which of these (`reason`, a kind of conflict). linking_alike: of the last two, the groups in which somebody has their
# forename.
# linking_component: what is connected by edges at all, labelled by its first record.
CREATE_TABLES = """
    create temporary table linking_decision (
        decision_id bigint not null,
        kind text not null,
        record_id bigint not null,
        other_id bigint not null
    ) on commit drop;
    create temporary table linking_touched (record_id bigint primary key, step integer not null) on commit drop;
    create temporary table linking_record (
        place bigint primary key,
        record_id bigint not null unique,
        source_file text not null,
        source_key text not null
    ) on commit drop;
    create temporary table linking_group (
        group_id bigint primary key,
        parent bigint not null,
        pncs text[] not null,
        has_two_forenames boolean not null
    ) on commit drop;
    create temporary table linking_edge (
        turn bigint primary key,
        place_a bigint not null,
        place_b bigint not null,
        is_stewards boolean not null,
        is_vouched boolean not null,
        has_two_forenames boolean not null
    ) on commit drop;
    create temporary table linking_pending (
        group_a bigint not null,
        group_b bigint not null,
        turn bigint not null,
        is_vouched boolean not null
    ) on commit drop;
    create temporary table linking_component (group_id bigint primary key, label bigint not null) on commit drop;
    create temporary table linking_apart (
        group_a bigint not null,
        group_b bigint not null,
        place_a bigint not null,
        place_b bigint not null,
        reason text not null
    ) on commit drop;
    create temporary table linking_alike (place bigint not null, group_id bigint not null) on commit drop;
    create index on linking_alike (place, group_id);
    create temporary table linking_turn (
        turn bigint not null,
        group_a bigint not null,
        group_b bigint not null,
        objection text,
        has_two_forenames boolean not null
    ) on commit drop;
    create temporary table linking_refused (turn bigint primary key, objection text not null) on commit drop;
    create temporary table linking_holder (
        group_id bigint not null,
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
TAKE_DECISIONS = """
    truncate linking_decision;
    insert into linking_decision
    select decision_id, kind, record_id, other_id from identity.decision_of_records
    where decision_id <= %(last_decision)s and (withdrawn_by_decision is null or withdrawn_by_decision > %(last_decision)s);
    analyze linking_decision
"""


@dataclass(frozen=True)
class Known:
    """What was known before: the run whose people count as together already, and the last decision of which nobody needs to be
    regrouped for a later one."""

    run_id: int
    last_decision: int


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) tables of this stage for this transaction."""
    cursor.execute(CREATE_TABLES)


def group_records(cursor: Cursor, model: Model, known: Known, last_decision: int) -> None:
    """Regroup whom the changed records can reach, and those whom decisions do, as they stood after `last_decision`.

    Leaves `linking_record` (the records in question), `linking_group` (its place -> `parent`, the group), `linking_evidence`
    (place -> method, evidence) and `linking_conflict`.
    """
    values = asdict(model.thresholds) | {
        "known_at": known.run_id,
        "known_decision": known.last_decision,
        "last_decision": last_decision,
        "files": [source.file for source in sources.all()],
        "method": method(model),
        "other_forename": OTHER,
        "other_birth_dates": list(OTHER_BIRTH_DATES),
    }
    cursor.execute(TAKE_DECISIONS, values)
    reach.touch(cursor, values)
    joining.join_groups(cursor, values)
    dip_clients.join_dip_clients(cursor)
    findings.note(cursor, values)


def method(model: Model) -> str:
    """What a link that this model made is said to be made by."""
    return f"splink {model.version}"

"""A run of the linkage: one transaction, one at a time, that brings `identity` to what a vintage of the feeds says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from iom_warehouse.linkage import clustering, involved, model, people, quality, records, scoring, sources
from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.scoring import LinkageError
from iom_warehouse.platform.log import get

log = get("linkage")

LOCK = 0x494F4D4C  # "IOML": one run at a time

# The code that decides who is whom; standard forms are made by functions of the database.
RULES = (Path(records.__file__), Path(scoring.__file__), *sorted(Path(clustering.__file__).parent.glob("*.py")))
FUNCTIONS = """
    select string_agg(pg_get_functiondef(oid), '' order by oid::regprocedure::text collate "C") from pg_proc
    where pronamespace in ('identity'::regnamespace, 'identifiers'::regnamespace)
"""

PUBLISHED = "select feed, max(sequence) from audit.delivery where status = 'published' and feed = any(%s) group by feed"

LAST_DECISION = "select coalesce(max(decision_id), 0) from identity.decision where coalesce(decided_at <= %s, true)"
# What was known of a vintage by then: what the last run that had seen it said, or the first one after, whatever it went by.
RUN_THEN = """
    select run_id from identity.linkage_run
    where vintage = %(vintage)s and last_decision = %(last_decision)s
    order by coalesce(started_at <= %(known_by)s, true) desc,
        case when coalesce(started_at <= %(known_by)s, true) then -run_id else run_id end
    limit 1
"""
RESULT = """
    select run_id, records, people, minted, links_opened, links_closed, conflicts from identity.linkage_run where run_id = %s
"""
LAST_RUN = """
    select run_id, vintage, method, reference_digest, last_decision from identity.linkage_run order by run_id desc limit 1
"""
# The last night before a past one that was ever linked: a run that saw and obeyed nothing later, and saw most of what there was.
RUN_BEFORE = """
    select run_id from identity.linkage_run as run
    where last_decision <= %(last_decision)s and not exists (
        select from jsonb_each_text(vintage) as saw (feed, sequence)
        where sequence::bigint > coalesce((%(vintage)s::jsonb ->> feed)::bigint, 0))
    order by (select sum(sequence::bigint) from jsonb_each_text(vintage) as saw (feed, sequence)) desc nulls last, run_id desc
    limit 1
"""

# A clock that was set back must not make a link end before it began.
OPEN_RUN = """
    insert into identity.linkage_run (vintage, method, reference_digest, last_decision, after_past_run, started_at)
    select %s, %s, %s, %s, %s, greatest(clock_timestamp(), max(started_at)) from identity.linkage_run
    returning run_id
"""

ERASED = "select audit.record_event('erase records', %s, %s, %s)"

NEXT_STEPS = {
    "55P03": "Another run of the linkage is still at work. Run this again when it is done (pg_stat_activity shows it).",
    "42501": "The linker lacks a grant. Run: iom db migrate",
    "42P01": "A table is missing. Run: iom db migrate",
}


@dataclass(frozen=True)
class State:
    """What decides who is whom: the records of a vintage, the model, the reference data (with the model's files and the rules of
    this release), the decisions of stewards."""

    vintage: dict[str, int]
    method: str
    reference_digest: str
    last_decision: int


@dataclass(frozen=True)
class LinkageResult:
    """What a run did. Counts: source records, people, keys minted, links opened and closed, conflicts open at its end."""

    run_id: int
    records: int
    people: int
    minted: int
    links_opened: int
    links_closed: int
    conflicts: int


def link_people(
    connection: Connection,
    vintage: Mapping[str, int] | None = None,
    known_by: datetime | None = None,
    in_full: bool = False,
    because: str = "",
) -> LinkageResult:
    """Link the records current at `vintage` (feed -> last published sequence; None: all that is published) to people.

    `connection` is one as the linker; its transaction is committed here. What the last run linked, or a past night that was
    linked before (by whatever model and reference data: so it was known), returns the run that did it, and writes nothing. Any
    other vintage older than the last run's gets a run of its own, and a second run puts the present links back in the same
    transaction.
    With `in_full` the last night is linked once more, and every record made again from raw, so that nothing is left of rows that
    were deleted there; a past night is linked as ever. Which were, is an event of the audit chain, as it is of whatever run makes
    everybody again: their numbers, the people of whom nothing is left, and `because` (why, and by whom; no names of people).
    The past run obeys the decisions of stewards that stood at `known_by` (None: that stand now), and takes as together already
    who was so after the night before.
    Feeds that hold people no longer (their contract or the linker's role is gone) count as neither; their links are closed.
    Raises LinkageError, or IomError when the model cannot be read, with nothing written.
    """
    with_model = model.load()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
            result = _link_once(cursor, _vintage_of_people(cursor, vintage), with_model, known_by, in_full, because)
    except psycopg2.Error as error:
        raise _without_values(error) from None
    except duckdb.Error as error:
        raise _scoring_failed(error) from None
    log.info(
        "linkage run %(run_id)s: %(records)s records, %(people)s people, %(minted)s minted, %(conflicts)s conflicts",
        asdict(result),
    )
    return result


def _vintage_of_people(cursor: Cursor, vintage: Mapping[str, int] | None) -> dict[str, int]:
    """The part of a vintage that matters here: the feeds that hold people."""
    feeds = list(dict.fromkeys(source.feed for source in sources.all()))
    if vintage is None:
        cursor.execute(PUBLISHED, (feeds,))
        vintage = dict(cursor.fetchall())
    return {feed: vintage[feed] for feed in feeds if vintage.get(feed) is not None}


def _link_once(
    cursor: Cursor, vintage: dict[str, int], with_model: Model, known_by: datetime | None, in_full: bool, because: str
) -> LinkageResult:
    for stage in (records, involved, clustering, people):
        stage.create_tables(cursor)
    wanted = _take(cursor, vintage, with_model, known_by)
    cursor.execute(LAST_RUN)
    run_id, *state = cursor.fetchone() or (0, {}, "", "", 0)
    present = State(*state)
    still_there = _vintage_of_people(cursor, present.vintage)
    is_past = wanted.last_decision < present.last_decision or any(
        vintage.get(feed, 0) < sequence for feed, sequence in still_there.items()
    )
    done = 0
    if is_past or known_by:
        done = _find_run(cursor, RUN_THEN, wanted, known_by)
    elif present == wanted and not in_full:
        done = run_id
    if done:
        cursor.execute(RESULT, (done,))
        return LinkageResult(*cursor.fetchone())
    known = clustering.Known(run_id, min(present.last_decision, wanted.last_decision))
    if not is_past:
        return _link(cursor, present, wanted, with_model, known, in_full=in_full, because=because)
    known_then = replace(known, run_id=_find_run(cursor, RUN_BEFORE, wanted))
    result = _link(cursor, present, wanted, with_model, known_then)
    now = _take(cursor, still_there, with_model)
    # Where the model is another than at the last run, the past night was made of everybody anew, and so must the present be.
    before = wanted if _are_alike(present, now) else present
    _link(cursor, before, now, with_model, known, after_past_run=result.run_id)
    return result


def _are_alike(one: State, other: State) -> bool:
    """Whether both go by the same model, reference data and rules, so that only changed records need be made again."""
    return (one.method, one.reference_digest) == (other.method, other.reference_digest)


def _find_run(cursor: Cursor, statement: str, wanted: State, known_by: datetime | None = None) -> int:
    """The run that a statement finds, or 0."""
    values = {"vintage": Json(wanted.vintage), "last_decision": wanted.last_decision, "known_by": known_by}
    cursor.execute(statement, values)
    found = cursor.fetchone()
    return found[0] if found else 0


def _take(cursor: Cursor, vintage: dict[str, int], with_model: Model, known_by: datetime | None = None) -> State:
    """What a run of this vintage is to go by; its reference data are in use from here on."""
    digest = f"{records.read_reference(cursor, vintage)} {with_model.digest()} {_digest_of_rules(cursor)}"
    return State(vintage, clustering.method(with_model), digest, _last_decision(cursor, known_by))


def _digest_of_rules(cursor: Cursor) -> str:
    """A digest of the code: what an older release linked is linked afresh, once."""
    cursor.execute(FUNCTIONS)
    (functions,) = cursor.fetchone()
    return sha256(b"".join([functions.encode(), *(path.read_bytes() for path in RULES)])).hexdigest()


def _link(
    cursor: Cursor,
    present: State,
    wanted: State,
    with_model: Model,
    known: clustering.Known,
    after_past_run: int | None = None,
    in_full: bool = False,
    because: str = "",
) -> LinkageResult:
    cursor.execute(OPEN_RUN, (Json(wanted.vintage), wanted.method, wanted.reference_digest, wanted.last_decision, after_past_run))
    run_id = cursor.fetchone()[0]
    erased = None
    if _are_alike(present, wanted) and not in_full:
        records.rebuild_changed(cursor, present.vintage, wanted.vintage)
    else:
        erased = records.deleted_by_hand(cursor)
        records.rebuild_all(cursor, wanted.vintage)
    scoring.score_changed(cursor, with_model)
    clustering.group_records(cursor, with_model, known, wanted.last_decision)
    result = LinkageResult(run_id, *people.write_people(cursor, run_id, known.run_id))
    quality.write_figures(cursor, run_id, with_model)
    if erased and (erased.records or because):  # at the end: nobody else can write an event from here on
        cursor.execute(ERASED, (f"linkage run {run_id}", because or "No reason was given.", Json(asdict(erased))))
    return result


def _last_decision(cursor: Cursor, known_by: datetime | None) -> int:
    cursor.execute(LAST_DECISION, (known_by,))
    return cursor.fetchone()[0]


def _without_values(error: psycopg2.Error) -> LinkageError:
    """The error without PostgreSQL's own words, which may quote the key of a record."""
    where = error.diag.constraint_name or error.diag.table_name or ""
    return LinkageError(
        f"Linking people failed: {type(error).__name__} {error.pgcode or ''} {where}".rstrip() + ".",
        NEXT_STEPS.get(error.pgcode or "", "Nothing was written. Run it again; if it fails again, look at the database's log."),
    )


def _scoring_failed(error: duckdb.Error) -> LinkageError:
    """The error without DuckDB's own words, which may quote a row."""
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
        next_step = "Give the machine more memory, or more room on the disk of IOM_STATE_DIR, and run it again."
    else:
        next_step = scoring.MAY_NOT_FIT
    return LinkageError(f"Scoring pairs of records failed: {type(error).__name__}. Nothing was written.", next_step)

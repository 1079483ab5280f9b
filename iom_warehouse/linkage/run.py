"""A run of the linkage: one transaction, one at a time, that brings `identity` to what a vintage of the feeds says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from iom_warehouse.linkage import matching, people, sources
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get

log = get("linkage")

LOCK = 0x494F4D4C  # "IOML": one run at a time

PUBLISHED = "select feed, max(sequence) from audit.delivery where status = 'published' and feed = any(%s) group by feed"

RUN_OF_VINTAGE = """
    select run_id, records, people, minted, links_opened, links_closed, conflicts
    from identity.linkage_run
    where vintage = %s and method = %s
    order by run_id desc
    limit 1
"""
LAST_VINTAGE = "select vintage from identity.linkage_run order by run_id desc limit 1"

# A clock that was set back must not make a link end before it began.
OPEN_RUN = """
    insert into identity.linkage_run (method, vintage, started_at)
    select %s, %s, greatest(clock_timestamp(), max(started_at)) from identity.linkage_run
    returning run_id
"""

NEXT_STEPS = {
    "55P03": "Another run of the linkage is still at work. Run this again when it is done (pg_stat_activity shows it).",
    "42501": "The linker lacks a grant. Run: iom db migrate",
    "42P01": "A table is missing. Run: iom db migrate",
}


class LinkageError(IomError):
    """Linking people did not work; nothing was written."""


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


def link_people(connection: Connection, vintage: Mapping[str, int] | None = None) -> LinkageResult:
    """Link the records current at `vintage` (feed -> last published sequence; None: all that is published) to people.

    `connection` is one as the linker; its transaction is committed here. A vintage that was linked before by this method
    returns the run that did it, and writes nothing. A vintage older than the last run's (a past night that was never built)
    gets a run of its own, and a second run puts the present links back in the same transaction.
    Raises LinkageError, with nothing written.
    """
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
            result = _link_once(cursor, _vintage_of_people(cursor, vintage))
    except psycopg2.Error as error:
        raise _without_values(error) from None
    log.info(
        "linkage run %(run_id)s: %(records)s records, %(people)s people, %(minted)s minted, %(conflicts)s conflicts",
        asdict(result),
    )
    return result


def _vintage_of_people(cursor: Cursor, vintage: Mapping[str, int] | None) -> dict[str, int]:
    """The part of a vintage that matters here: the feeds that hold people."""
    if vintage is None:
        cursor.execute(PUBLISHED, (list(sources.FEEDS),))
        vintage = dict(cursor.fetchall())
    return {feed: vintage[feed] for feed in sources.FEEDS if vintage.get(feed) is not None}


def _link_once(cursor: Cursor, vintage: dict[str, int]) -> LinkageResult:
    done = _find_run(cursor, vintage)
    if done:
        return done
    cursor.execute(LAST_VINTAGE)
    present: dict[str, int] = (cursor.fetchone() or ({},))[0]
    for stage in (sources, matching, people):
        stage.create_tables(cursor)
    result = _link(cursor, vintage)
    if any(vintage.get(feed, 0) < sequence for feed, sequence in present.items()):
        _link(cursor, present)
    return result


def _link(cursor: Cursor, vintage: dict[str, int]) -> LinkageResult:
    cursor.execute(OPEN_RUN, (matching.METHOD, Json(vintage)))
    run_id = cursor.fetchone()[0]
    sources.read_records(cursor, vintage)
    matching.match_records(cursor)
    return LinkageResult(run_id, *people.write_people(cursor, run_id))


def _find_run(cursor: Cursor, vintage: dict[str, int]) -> LinkageResult | None:
    cursor.execute(RUN_OF_VINTAGE, (Json(vintage), matching.METHOD))
    row = cursor.fetchone()
    return LinkageResult(*row) if row else None


def _without_values(error: psycopg2.Error) -> LinkageError:
    """The error without PostgreSQL's own words, which may quote the key of a record."""
    where = error.diag.constraint_name or error.diag.table_name or ""
    return LinkageError(
        f"Linking people failed: {type(error).__name__} {error.pgcode or ''} {where}".rstrip() + ".",
        NEXT_STEPS.get(error.pgcode or "", "Nothing was written. Run it again; if it fails again, look at the database's log."),
    )

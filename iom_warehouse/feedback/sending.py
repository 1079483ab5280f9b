"""Sending the feedback of a night: for each agency a delivery folder with its files and, last, the manifest.

A folder without its manifest is unfinished: a run that finds one of its own gives it up and makes another with the next sequence.
What says the same as it did when it was last sent is not sent again.
"""

from datetime import date
from itertools import groupby

import psycopg2
from psycopg2.extensions import connection as Connection

from iom_warehouse.feedback import register
from iom_warehouse.feedback.folder import Folder, Written, path_of
from iom_warehouse.feedback.register import Build, Planned
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get

log = get("feedback")
UNFINISHED = """
    select outbound_id, recipient, business_date, sequence from audit.outbound
    where num_nonnulls(finished_at, abandoned_at, nothing_new_at) = 0 order by outbound_id
"""
SENT = """
    select recipient, file from audit.disclosure join audit.outbound using (outbound_id)
    where build_id = %s and num_nonnulls(finished_at, nothing_new_at) = 1
"""
LAST_SENT = """
    select distinct on (file) file, content_sha256 from audit.disclosure join audit.outbound using (outbound_id)
    where recipient = %s and finished_at is not null order by file, disclosure_id desc
"""


def send(night: date) -> list[Planned]:
    """Send every file of the night that was not sent from this build yet. Returns those that were not, with their fault.

    A file that may not be sent holds up no other, and an agency whose folder cannot be made holds up no other agency. Running
    it again sends what has come right since, and nothing twice. Raises IomError unless the marts hold this night.
    """
    build = _build_of(night)
    with database.session_alone("publisher", "iom.feedback") as conn:
        _tidy(conn)
        due, stopped = _due(conn, build)
        for recipient, files in groupby(due, key=lambda planned: planned.recipient):
            listed = list(files)
            try:
                _send_to(conn, recipient, listed, build)
            except (IomError, OSError, psycopg2.DatabaseError) as error:
                why = str(error) if isinstance(error, IomError) else f"it cannot be made ({type(error).__name__})."
                faults = f"The file {{}} for {recipient} is not sent: {why}"
                stopped += [planned._replace(fault=faults.format(planned.file)) for planned in listed]
                _tidy(conn)
    return stopped


def is_due() -> bool:
    """Whether a file of the last built night may be sent and was not yet."""
    build = register.last_build()
    if build is None:
        return False
    with database.session("publisher") as conn:
        return bool(_due(conn, build)[0])


def _build_of(night: date) -> Build:
    build = register.last_build()
    if build is None:
        raise IomError("Nothing was built yet.", "Feedback is sent from the marts of a night: iom build run NIGHT")
    if build.business_date != night:
        raise IomError(
            f"The marts hold the night of {build.business_date}, so feedback of {night} cannot be sent.",
            f"Run: iom feedback send {build.business_date}",
        )
    return build


def _due(conn: Connection, build: Build) -> tuple[list[Planned], list[Planned]]:
    """The files that are to be sent from the build now, by recipient, and those that may not be."""
    with conn, conn.cursor() as cursor:
        planned = register.plan(conn, build.business_date)
        cursor.execute(SENT, (build.build_id,))
        sent = set(cursor.fetchall())
    due = [one for one in planned if not one.fault and (one.recipient, one.file) not in sent]
    return due, [one for one in planned if one.fault]


def _tidy(conn: Connection) -> None:
    """End what a killed run left: a folder with its manifest is finished, any other is given up and cleared."""
    with conn, conn.cursor() as cursor:
        cursor.execute(UNFINISHED)
        left = cursor.fetchall()
    for outbound_id, recipient, night, sequence in left:
        folder = Folder(path_of(recipient, night, sequence))
        if not folder.is_finished:
            folder.clear()
        _end(conn, outbound_id, "sent" if folder.is_finished else "given up")


def _end(conn: Connection, outbound_id: int, outcome: str) -> None:
    with conn, conn.cursor() as cursor:
        cursor.execute("select access.end_outbound(%s, %s)", (outbound_id, outcome))


def _send_to(conn: Connection, recipient: str, files: list[Planned], build: Build) -> None:
    with conn, conn.cursor() as cursor:
        cursor.execute("select outbound_id, sequence from access.open_outbound(%s, %s)", (recipient, build.build_id))
        opened = cursor.fetchone()
        cursor.execute(
            "select (select openpgp_key from reference.agencies where agency = %s and closed_by_configuration is null"
            " and effective_from <= %s order by effective_from desc limit 1)",
            (recipient, build.business_date),
        )
        [key] = cursor.fetchone()
        cursor.execute(LAST_SENT, (recipient,))
        last_sent = dict(cursor.fetchall())
    if opened is None:
        raise IomError("another night was built meanwhile.", "Send that one.")
    outbound_id, sequence = opened
    folder = Folder(path_of(recipient, build.business_date, sequence))
    folder.make()
    made = [_make(conn, outbound_id, planned, folder, key) for planned in files]
    if all(last_sent.get(planned.file) == written.content_sha256 for planned, (_, written) in zip(files, made, strict=True)):
        folder.clear()
        _end(conn, outbound_id, "nothing new")
        log.info("feedback for %s: nothing new since it was last sent", recipient)
        return
    for disclosure_id, written in made:
        _disclose(conn, disclosure_id, written)
    folder.finish(recipient, build.business_date, sequence)
    _end(conn, outbound_id, "sent")
    log.info("feedback for %s: %s files in %s", recipient, len(files), folder.path)


def _make(conn: Connection, outbound_id: int, planned: Planned, folder: Folder, key: str | None) -> tuple[int, Written]:
    """One file: its event, committed before its rows are read. Returns the number of the disclosure and what was written."""
    with conn, conn.cursor() as cursor:
        cursor.execute("select access.open_disclosure(%s, %s)", (outbound_id, planned.file))
        [disclosure_id] = cursor.fetchone()
    return disclosure_id, folder.write(conn, disclosure_id, planned, key)


def _disclose(conn: Connection, disclosure_id: int, written: Written) -> None:
    """The event of a file with what was written, committed before the folder is finished."""
    with conn, conn.cursor() as cursor:
        cursor.execute(
            "select access.close_disclosure(%s, %s, %s, %s, %s, %s)",
            (disclosure_id, *written),
        )

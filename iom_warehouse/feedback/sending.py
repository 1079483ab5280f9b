"""Sending the feedback of a night: for each agency a delivery folder with its files and, last, the manifest.

A folder without its manifest is unfinished: a run that finds one of its own gives it up and makes another with the next sequence.
A folder is a full delivery, so whatever goes to an agency goes with all else that may. What is in every way the last finished
folder over again is not sent. A newer folder takes the place of an agency's earlier ones, which may tell what must not be told
any more.
"""

from collections.abc import Sequence
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
# The files of the last folder of a build, for each agency: sent, or not sent because it had nothing new. Of an agency whose
# folders were all removed, none.
SENT = """
    select distinct on (recipient) recipient, array(select d.file from audit.disclosure d where d.outbound_id = o.outbound_id)
    from audit.outbound o
    where build_id = %s and num_nonnulls(finished_at, nothing_new_at) = 1 and exists (
        select from audit.outbound as held
        where held.recipient = o.recipient and held.finished_at is not null and held.removed_at is null)
    order by recipient, outbound_id desc
"""
# What an agency was told last, and how: a file under another agreement, or for another key, is another one.
LAST_SENT = """
    select file, content_sha256, openpgp_key, agreement_id, purpose from audit.disclosure
    where outbound_id = (
        select max(outbound_id) from audit.outbound where recipient = %s and finished_at is not null and removed_at is null)
"""
# Finished folders that nobody needs: there is a later one, or their agency is none of those to which a file may be sent.
OUTDATED = """
    select outbound_id, recipient, business_date, sequence,
        case when recipient = any(%(allowed)s) then 'A newer folder is there.' else 'No file may be sent to it any more.' end
    from audit.outbound as held
    where finished_at is not null and removed_at is null and (recipient <> all(%(allowed)s) or exists (
        select from audit.outbound as later
        where later.recipient = held.recipient and later.outbound_id > held.outbound_id and later.finished_at is not null))
    order by outbound_id
"""


def send(night: date, again: str | None = None) -> list[Planned]:
    """Send each agency its files of the night unless it has them. Returns the files that were not sent, with their fault.

    A file that may not be sent holds up no other, and an agency whose folder cannot be made holds up no other agency. Running
    it again sends what has come right since, with the agency's other files, and no folder twice, but to the agency `again`,
    which gets its files whatever it has. Raises IomError unless the marts hold this night, and where nothing is planned for
    `again`.
    """
    build = _build_of(night)
    with database.session_alone("publisher", "iom.feedback") as conn:
        _tidy(conn)
        due, stopped = _due(conn, build, again)
        if again and again not in due and all(again != planned.recipient for planned in stopped):
            raise IomError(f"No file is planned for an agency {again}.", f"See who gets what: iom feedback plan {night}")
        for recipient, files in due.items():
            try:
                _send_to(conn, recipient, files, build, even_if_known=recipient == again)
            except (IomError, OSError, psycopg2.DatabaseError) as error:
                why = str(error) if isinstance(error, IomError) else f"it cannot be made ({type(error).__name__})."
                faults = f"The file {{}} for {recipient} is not sent: {why}"
                stopped += [planned._replace(fault=faults.format(planned.file)) for planned in files]
                _tidy(conn)
    return stopped


def remove_outdated(night: date) -> None:
    """Take out of the outbox what a newer folder of the agency has taken the place of, and all of an agency that may get no
    file of this night. Each is an event. Raises IomError where a folder cannot be removed.
    """
    with database.session_alone("publisher", "iom.feedback") as conn:
        with conn, conn.cursor() as cursor:
            allowed = [planned.recipient for planned in register.plan(conn, night) if not planned.fault]
            cursor.execute(OUTDATED, {"allowed": allowed})
            outdated = cursor.fetchall()
        for outbound_id, recipient, of_night, sequence, why in outdated:
            path = path_of(recipient, of_night, sequence)
            try:
                Folder(path).clear()
            except OSError as error:
                raise IomError(
                    f"The folder {path} may not stay in the outbox, and cannot be removed ({type(error).__name__}).",
                    f"Remove it, then run: iom feedback send {night}",
                ) from None
            with conn, conn.cursor() as cursor:
                cursor.execute("select access.note_removal(%s, %s)", (outbound_id, why))
            log.info("feedback for %s: %s was removed. %s", recipient, path, why)


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


def _due(conn: Connection, build: Build, again: str | None = None) -> tuple[dict[str, list[Planned]], list[Planned]]:
    """By agency all its files, where they are not those that it had from this build; and the files that may not be sent."""
    with conn, conn.cursor() as cursor:
        planned = register.plan(conn, build.business_date)
        cursor.execute(SENT, (build.build_id,))
        sent = dict(cursor.fetchall())
    agreed = groupby((one for one in planned if not one.fault), key=lambda one: one.recipient)
    files_of = {recipient: list(files) for recipient, files in agreed}
    due = {
        recipient: files
        for recipient, files in files_of.items()
        if recipient == again or {one.file for one in files} != set(sent.get(recipient, ()))
    }
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


def _send_to(conn: Connection, recipient: str, files: Sequence[Planned], build: Build, even_if_known: bool) -> None:
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
        last_sent = set(cursor.fetchall())
    if opened is None:
        raise IomError("another night was built meanwhile.", "Send that one.")
    outbound_id, sequence = opened
    folder = Folder(path_of(recipient, build.business_date, sequence))
    folder.make()
    made = [_make(conn, outbound_id, planned, folder, key) for planned in files]
    told = {
        (planned.file, written.content_sha256, written.openpgp_key, planned.agreement_id, planned.purpose)
        for planned, (_, written) in zip(files, made, strict=True)
    }
    if told == last_sent and not even_if_known:
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

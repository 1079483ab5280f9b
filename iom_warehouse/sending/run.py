"""A run of sending. Each sending is registered and committed before it leaves, and ended after; what a killed run left open is
not sent again, since nobody knows whether it went."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database, mail
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings
from iom_warehouse.sending import register
from iom_warehouse.sending.message import compose
from iom_warehouse.sending.register import Due, Trouble

log = get("sending")
OUTBOX = "reports.mail"  # no agency is named so: its folders lie beside this one
Files = Callable[[int], Sequence[Path]]


def send(files_of: Files) -> list[Trouble]:
    """Send every released report to those who are to have it and have not had it.

    `files_of` gives the files of a report, the page that a link leads to first. Returns what did not go, or may not have gone.
    Running it again tries again what is known not to have gone, and sends nothing twice.
    """
    with _alone() as conn:
        _tidy(conn)
        troubles = [trouble for one in register.due(conn) if (trouble := _send(conn, one, files_of))]
        return troubles + register.unknown(conn)


@contextmanager
def _alone() -> Iterator[Connection]:
    """The publisher's connection while no other run sends; the lock goes with it."""
    with database.session("publisher") as conn:
        with conn, conn.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('iom.report_sending'))")
        yield conn


def _tidy(conn: Connection) -> None:
    """End what a killed run left open: what lies in the outbox is written, of anything else nobody knows."""
    for left in register.left_open(conn):
        outcome = "written" if _path_in_outbox(left.report_id, left.recipient).exists() else "unknown"
        register.end(conn, left.sending_id, outcome, None if outcome == "written" else "a run that sent it was ended")


def _send(conn: Connection, one: Due, files_of: Files) -> Trouble | None:
    """Send one report to one recipient. Returns what stood in its way, unless nobody knows: the register tells of those."""
    if not one.is_as_signed:
        return Trouble(
            one.report_id, one.recipient, "it does not show what was signed off: tell the auditor, withdraw it and make it again"
        )
    if one.way == "link" and not settings().public_url:
        return Trouble(
            one.report_id, one.recipient, "it may not be attached for this address, and no IOM_PUBLIC_URL says where it lies"
        )
    files = files_of(one.report_id)
    link = f"{settings().public_url}/reports/{files[0].name}" if one.way == "link" else None
    message = compose(one, files, settings().smtp_from, link)
    number = register.open_sending(conn, one)
    try:
        outcome = _hand_over(one, message)
    except mail.NotTakenError as error:
        register.end(conn, number, "failed", str(error))
        return Trouble(one.report_id, one.recipient, f"{error}; the next run tries again")
    except mail.NotKnownError as error:
        register.end(conn, number, "unknown", str(error))
        return None
    register.end(conn, number, outcome, files={file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files})
    log.info("report %s for %s: %s", one.report_id, one.recipient, outcome)
    return None


def _hand_over(one: Due, message: EmailMessage) -> str:
    """By the mail server, or into the outbox where there is none. Returns the outcome."""
    if settings().smtp_host:
        mail.hand_over(message, [one.address], only_encrypted=one.marking != "OFFICIAL")
        return "sent"
    target = _path_in_outbox(one.report_id, one.recipient)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=target.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(message.as_bytes(policy=policy.SMTP))
    Path(unfinished).replace(target)
    return "written"


def _path_in_outbox(report_id: int, recipient: str) -> Path:
    return settings().outbox / OUTBOX / f"report-{report_id}-{recipient}.eml"

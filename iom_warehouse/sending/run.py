"""A run of sending. Each sending is registered and committed before it leaves, and ended after; what a killed run left open is
not sent again, since nobody knows whether it went."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from email import policy
from email.message import EmailMessage
from pathlib import Path

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database, mail
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings
from iom_warehouse.sending import register
from iom_warehouse.sending.message import compose
from iom_warehouse.sending.register import Due, Trouble

log = get("sending")
OUTBOX = "reports.mail"  # no agency is named so: its folders lie beside this one
NO_FRONT = "it may not be attached for this address, and no IOM_PUBLIC_URL says where it lies"
Files = Callable[[int, Sequence[str]], Sequence[Path]]


def send(files_of: Files) -> list[Trouble]:
    """Send every released report to those who are to have it and have not had it.

    `files_of` gives the files of a report in some formats, in their order, as they were released. Returns what did not go, or may
    not have gone. Running it again tries again what is known not to have gone, and sends nothing twice.
    """
    with database.session_alone("publisher", "iom.report_sending") as conn:
        _tidy(conn)
        troubles = [trouble for one in register.due(conn) if (trouble := _send(conn, one, files_of))]
        return troubles + register.unknown(conn)


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
        return Trouble(one.report_id, one.recipient, NO_FRONT)
    try:
        files = {file.name: file.read_bytes() for file in files_of(one.report_id, one.formats)}
    except IomError as error:
        return Trouble(one.report_id, one.recipient, f"{error.message.rstrip('.')}; the next run tries again")
    except Exception as error:  # whatever it is, the other reports go
        return Trouble(
            one.report_id, one.recipient, f"its page could not be made ({type(error).__name__}); the next run tries again"
        )
    try:
        number, registered = register.open_sending(conn, one)
    except IomError as error:
        return Trouble(one.report_id, one.recipient, f"{error.message.rstrip('.')}; the next run looks again")
    return _send_registered(conn, number, registered, files)


def _send_registered(conn: Connection, number: int, one: Due, files: Mapping[str, bytes]) -> Trouble | None:
    """Send what was registered under this number, and write down what became of it."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    try:
        outcome = _hand_over(one, compose(one, files, settings().smtp_from, _link(one)))
    except mail.NotTakenError as error:
        register.end(conn, number, "failed", str(error))
        return Trouble(one.report_id, one.recipient, f"{error}; the next run tries again")
    except mail.NotKnownError as error:
        register.end(conn, number, "unknown", str(error))
        return None
    register.end(conn, number, outcome, files=digests)
    log.info("report %s for %s: %s", one.report_id, one.recipient, outcome)
    return None


def _link(one: Due) -> str | None:
    """Where the first format is read, for those who get a link."""
    if one.way != "link":
        return None
    if not settings().public_url:
        raise mail.NotTakenError(NO_FRONT)
    return f"{settings().public_url}/pages/reports/{one.report_id}/{one.formats[0]}"


def _hand_over(one: Due, message: EmailMessage) -> str:
    """By the mail server, or into the outbox where there is none. Returns the outcome."""
    if settings().smtp_host:
        mail.hand_over(message, [one.address], only_encrypted=one.marking != "OFFICIAL")
        return "sent"
    try:
        _write(_path_in_outbox(one.report_id, one.recipient), message.as_bytes(policy=policy.SMTP))
    except OSError as error:
        raise mail.NotTakenError(f"the outbox cannot be written, see IOM_OUTBOX ({type(error).__name__})") from None
    return "written"


def _write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner only."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=target.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink()
        raise


def _path_in_outbox(report_id: int, recipient: str) -> Path:
    return settings().outbox / OUTBOX / f"report-{report_id}-{recipient}.eml"

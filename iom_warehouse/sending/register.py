"""Who has what coming, and the register of what went: `access.sendings_due` and `audit.report_sending`."""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

DUE = "select report_id, version, recipient, address, marking, way, formats, is_as_signed from access.sendings_due()"
OPEN = "select sending_id, address, marking, way from access.open_sending(%s, %s)"
LEFT = "select sending_id, report_id, recipient from audit.report_sending where outcome is null order by sending_id"
OF_REPORT = """
    select recipient, way, outcome, failure, ended_at from audit.report_sending
    where report_id = %s and outcome is not null order by sending_id
"""
UNKNOWN = "select report_id, recipient from audit.report_sending where outcome = 'unknown' order by sending_id"


class Due(NamedTuple):
    """A released report that somebody is to have; `way`: attachment or link. It is sent only if it shows what was signed off.

    `formats`: of html, pdf, xlsx and csv those that are attached, the one that a link leads to first.
    """

    report_id: int
    version: int
    recipient: str
    address: str
    marking: str
    way: str
    formats: list[str]
    is_as_signed: bool


class Left(NamedTuple):
    """A sending that a killed run left open."""

    sending_id: int
    report_id: int
    recipient: str


class Sending(NamedTuple):
    """An attempt; `outcome` is sent, written, failed, unknown or lost."""

    recipient: str
    way: str
    outcome: str
    failure: str | None
    ended_at: datetime


class Trouble(NamedTuple):
    """A report that somebody has not had, or may not have had, and why."""

    report_id: int
    recipient: str
    why: str


def due(conn: Connection) -> list[Due]:
    """Everything that is to be sent now."""
    return [Due(*row) for row in _rows(conn, DUE)]


def is_due() -> bool:
    """Whether a released report waits to be sent."""
    with database.session("publisher") as conn:
        return bool(due(conn))


def open_sending(conn: Connection, one: Due) -> tuple[int, Due]:
    """Write the event of a sending and commit it. Returns its number, and what is sent as it was registered.

    Raises IomError for what is not due any more: it was withdrawn, changed or sent meanwhile.
    """
    refusal = IomError("The publisher may not do this.", "Run: iom db migrate")
    with speaking(conn, refusal) as cursor:
        cursor.execute(OPEN, (one.report_id, one.recipient))
        [(number, address, marking, way)] = cursor.fetchall()
    return number, one._replace(address=address, marking=marking, way=way)


def end(conn: Connection, sending_id: int, outcome: str, failure: str | None = None, files: dict[str, str] | None = None) -> None:
    """Write what became of it, with the files (name: SHA-256) that went."""
    _rows(conn, "select access.end_sending(%s, %s, %s, %s)", sending_id, outcome, failure, Json(files or {}))


def left_open(conn: Connection) -> list[Left]:
    return [Left(*row) for row in _rows(conn, LEFT)]


def unknown(conn: Connection) -> list[Trouble]:
    """Sendings of which nobody knows whether they arrived."""
    return [
        Trouble(
            report_id, recipient,
            "it is not known whether it arrived, since it broke off on the way. Ask there; if it did not, run:"
            f' iom report lost {report_id} {recipient} "asked by telephone" --by YOUR_LOGIN',
        )
        for report_id, recipient in _rows(conn, UNKNOWN)
    ]  # fmt: skip


def of_report(report_id: int) -> list[Sending]:
    """Every attempt to send a report, the first one first."""
    with database.session("publisher") as conn:
        return [Sending(*row) for row in _rows(conn, OF_REPORT, report_id)]


def lose(person: Connection, report_id: int, recipient: str, reason: str) -> None:
    """Say, for the person who is logged in, that a sending of which nobody knew did not arrive: the next run sends it again.

    Raises IomError for any other sending, and for a person who does not sign such reports off.
    """
    refusal = IomError(f"{person.info.user} does not sign reports off.", "Who does is in people_access.csv, column signs_off.")
    with speaking(person, refusal) as cursor:
        cursor.execute("select access.lose_sending(%s, %s, %s)", (report_id, recipient, reason))


def _rows(conn: Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of one statement in a transaction of its own."""
    with conn, conn.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()

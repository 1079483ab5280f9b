"""What may be sent to whom, and the register of what was: `access.feedback_plan`, `audit.outbound` and `audit.disclosure`."""

from datetime import date
from typing import NamedTuple

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database

LAST_BUILD = """
    select build_id, business_date from audit.build
    where kind = 'nightly' and status = 'succeeded' order by build_id desc limit 1
"""
PLAN = "select recipient, file, columns, agreement_id, legal_gateway, purpose, fault from access.feedback_plan(%s)"
DISCLOSURES = """
    select o.recipient, o.business_date || '.' || o.sequence, coalesce(d.file_name, d.file), d.rows, d.agreement_id,
           d.is_encrypted,
           case when o.removed_at is not null then 'sent, removed since' when o.finished_at is not null then 'sent'
               when o.abandoned_at is not null then 'given up'
               when o.nothing_new_at is not null then 'not sent: nothing new' else 'not finished' end
    from audit.disclosure d join audit.outbound o using (outbound_id)
    where d.event_id is not null or o.nothing_new_at is not null order by d.disclosure_id
"""


class Build(NamedTuple):
    """The build that the marts hold."""

    build_id: int
    business_date: date


class Planned(NamedTuple):
    """A file for an agency: its columns in their order, the agreement it rests on, and why it may not be sent (None: it may)."""

    recipient: str
    file: str
    columns: list[str]
    agreement_id: str | None
    legal_gateway: str | None
    purpose: str | None
    fault: str | None


class Disclosure(NamedTuple):
    """A file that was written for an agency; `state` is sent (and perhaps removed from the outbox since), given up, not finished,
    or not sent because it says nothing new. Of the last there are no rows.
    """

    recipient: str
    folder: str
    file_name: str
    rows: int | None
    agreement_id: str
    is_encrypted: bool | None
    state: str


def last_build() -> Build | None:
    """The last good build of a night, or None before the first."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(LAST_BUILD)
        found = cursor.fetchone()
    return Build(*found) if found else None


def plan(conn: Connection, night: date) -> list[Planned]:
    """Every outbound file of the configuration, whether it may be sent on that night or not."""
    with conn.cursor() as cursor:
        cursor.execute(PLAN, (night,))
        return [Planned(*row) for row in cursor.fetchall()]


def disclosures() -> list[Disclosure]:
    """Every file that was written for an agency, the oldest first."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(DISCLOSURES)
        return [Disclosure(*row) for row in cursor.fetchall()]

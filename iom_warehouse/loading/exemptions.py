"""Exemptions: one critical rule set aside for a while, with a reason and an end. Everybody sees them in the results."""

from datetime import date, datetime
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse import contracts
from iom_warehouse.contracts import Rule
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

STRUCTURAL = ("expect_table_columns_to_match_set", "expect_column_values_to_parse_as")  # without these a row cannot be stored

LISTED = """
    select exemption_id, feed, rule_id, granted_by, granted_at, reason, expires_on,
        case when withdrawn_at is not null
            then 'withdrawn ' || to_char(withdrawn_at, 'YYYY-MM-DD') || ' by ' || withdrawn_by || ': ' || withdrawn_because
            when expires_on < current_date then 'over' else 'stands' end
    from audit.exemption order by exemption_id
"""
WITHDRAW = """
    update audit.exemption set withdrawn_at = now(), withdrawn_by = %s, withdrawn_because = %s
    where (feed, rule_id) = (select feed, rule_id from audit.exemption where exemption_id = %s and withdrawn_at is null)
        and withdrawn_at is null and expires_on >= current_date
    returning rule_id
"""


class Exemption(NamedTuple):
    """An exemption; `state` is stands, over, or withdrawn with when, by whom and why."""

    exemption_id: int
    feed: str
    rule_id: str
    granted_by: str
    granted_at: datetime
    reason: str
    expires_on: date
    state: str


def of_feed(conn: Connection, feed: str) -> set[str]:
    """The rules of a feed that are set aside today."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select rule_id from audit.exemption where feed = %s and current_date <= expires_on and withdrawn_at is null", (feed,)
        )
        exempt = {rule_id for (rule_id,) in cursor.fetchall()}
    return exempt - {rule.rule_id for rule in _rules(feed) if rule.expectation in STRUCTURAL}


def grant(feed: str, rule_id: str, reason: str, expires_on: date, by: str) -> int:
    """Set a critical rule aside until the end of a day, as the owner, with an event in the audit chain. Returns its number.

    `by` is the name or login of whoever decided.

    Raises IomError for a rule that is not there, is not critical, or is one without which no row can be stored.
    """
    rules = {rule.rule_id: rule for rule in _rules(feed) if rule.severity == "critical" and rule.expectation not in STRUCTURAL}
    if rule_id not in rules:
        raise IomError(
            f"The contract of {feed} has no rule {rule_id!r} that could be set aside.",
            f"A critical rule on values or counts can be: {', '.join(rules) or 'there is none'}.",
        )
    if len(by.strip()) < 2:
        raise IomError("Nobody grants it.", "Give the name or login of whoever decided.")
    if expires_on < date.today():
        raise IomError(f"{expires_on} is over.", "Give the last day on which the rule may fail.")
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select exemption_id, expires_on from audit.exemption"
            " where feed = %s and rule_id = %s and expires_on >= greatest(%s, current_date) and withdrawn_at is null",
            (feed, rule_id, expires_on),
        )
        if standing := cursor.fetchone():
            raise IomError(f"Exemption {standing[0]} lets this rule fail until {standing[1]} already.", "Nothing was changed.")
        try:
            cursor.execute(
                "insert into audit.exemption (feed, rule_id, reason, expires_on, granted_by) values (%s, %s, %s, %s, %s)"
                " returning exemption_id",
                (feed, rule_id, reason, expires_on, by),
            )
        except psycopg2.errors.CheckViolation:
            raise IomError("An exemption has a reason of ten letters or more, and lasts three months at most.") from None
        exemption_id = cursor.fetchone()[0]
        _record(cursor, "grant exemption", f"exemption {exemption_id}: {rule_id} until {expires_on}, by {by}", reason)
    return exemption_id


def listed() -> list[Exemption]:
    """Every exemption, the newest last; the look is an event in the audit chain."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(LISTED)
        found = [Exemption(*row) for row in cursor.fetchall()]
        _record(cursor, "list exemptions", f"{len(found)} exemptions", "to see which rules may fail")
    return found


def withdraw(exemption_id: int, reason: str, by: str) -> str:
    """End an exemption before its day, as the owner, with an event in the audit chain. Returns its rule.

    Any other that stands for the same rule ends with it, so that the rule holds again. Deliveries that were published under it
    stay. Raises IomError when it does not stand.
    """
    if len(by.strip()) < 2:
        raise IomError("Nobody withdraws it.", "Give the name or login of whoever decided.")
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        try:
            cursor.execute(WITHDRAW, (by, reason, exemption_id))
        except psycopg2.errors.CheckViolation:
            raise IomError("A withdrawal has a reason of ten letters or more.", "Give one in quotation marks.") from None
        found = cursor.fetchone()
        if found is None:
            raise IomError(f"There is no exemption {exemption_id} that stands.", "`iom exemption list` shows them.")
        _record(cursor, "withdraw exemption", f"exemption {exemption_id}: {found[0]}, by {by}", reason)
    return str(found[0])


def _record(cursor: Cursor, action: str, subject: str, reason: str) -> None:
    cursor.execute("select audit.record_event(%s, %s, %s)", (action, subject, reason))


def _rules(feed: str) -> list[Rule]:
    return [rule for file in contracts.get(feed).files for rule in file.rules]

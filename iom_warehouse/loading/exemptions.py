"""Exemptions: one critical rule set aside for a while, with a reason and an end. Everybody sees them in the results."""

from datetime import date

import psycopg2
from psycopg2.extensions import connection as Connection

from iom_warehouse import contracts
from iom_warehouse.contracts import Rule
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

STRUCTURAL = ("expect_table_columns_to_match_set", "expect_column_values_to_parse_as")  # without these a row cannot be stored


def of_feed(conn: Connection, feed: str) -> set[str]:
    """The rules of a feed that are set aside today."""
    with conn.cursor() as cursor:
        cursor.execute("select rule_id from audit.exemption where feed = %s and current_date <= expires_on", (feed,))
        exempt = {rule_id for (rule_id,) in cursor.fetchall()}
    return exempt - {rule.rule_id for rule in _rules(feed) if rule.expectation in STRUCTURAL}


def grant(feed: str, rule_id: str, reason: str, expires_on: date) -> int:
    """Set a critical rule aside until the end of a day, as the owner, with an event in the audit chain. Returns its number.

    Raises IomError for a rule that is not there, is not critical, or is one without which no row can be stored.
    """
    rules = {rule.rule_id: rule for rule in _rules(feed) if rule.severity == "critical" and rule.expectation not in STRUCTURAL}
    if rule_id not in rules:
        raise IomError(
            f"The contract of {feed} has no rule {rule_id!r} that could be set aside.",
            f"A critical rule on values or counts can be: {', '.join(rules) or 'there is none'}.",
        )
    if expires_on < date.today():
        raise IomError(f"{expires_on} is over.", "Give the last day on which the rule may fail.")
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select exemption_id, expires_on from audit.exemption"
            " where feed = %s and rule_id = %s and expires_on >= greatest(%s, current_date)",
            (feed, rule_id, expires_on),
        )
        if standing := cursor.fetchone():
            raise IomError(f"Exemption {standing[0]} lets this rule fail until {standing[1]} already.", "Nothing was changed.")
        try:
            cursor.execute(
                "insert into audit.exemption (feed, rule_id, reason, expires_on) values (%s, %s, %s, %s) returning exemption_id",
                (feed, rule_id, reason, expires_on),
            )
        except psycopg2.errors.CheckViolation:
            raise IomError("An exemption has a reason of ten letters or more, and lasts three months at most.") from None
        exemption_id = cursor.fetchone()[0]
        cursor.execute("select audit.record_event('grant exemption', %s, %s)", (f"{rule_id} until {expires_on}", reason))
    return exemption_id


def _rules(feed: str) -> list[Rule]:
    return [rule for file in contracts.get(feed).files for rule in file.rules]

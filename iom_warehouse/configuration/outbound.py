"""Outbound files against the sharing agreements, by the rule that sending asks as well: the function `access.feedback_plan`."""

from datetime import date

import polars as pl
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.configuration.findings import Finding
from iom_warehouse.configuration.reading import ROW

FILE = "outbound.csv"
FAULTS = "select recipient, file, fault from access.feedback_plan(%s) where fault is not null and is_of_the_day = %s"


def findings(cursor: Cursor, outbound: pl.DataFrame, day: date) -> list[Finding]:
    """What is wrong with outbound files whatever the day: columns outside their agreement, no agreement, records of others.

    `outbound`: the rows of the file; the configuration that they are of is written already, and nothing of it committed.
    """
    cursor.execute(FAULTS, (day, False))
    return [_finding(outbound, *fault) for fault in cursor.fetchall()]


def lapsed(cursor: Cursor, day: date) -> list[str]:
    """Sentences on files that may not be sent on a day because their agreement is not signed by then, or due for review."""
    cursor.execute(FAULTS, (day, True))
    return [fault for _, _, fault in cursor.fetchall()]


def _finding(outbound: pl.DataFrame, recipient: str, file: str, fault: str) -> Finding:
    """The fault at the row of the column that it names, or else at the first of the file."""
    rows = outbound.filter(recipient=recipient, file=file).sort(ROW)
    named = [row for row, column in rows.select(ROW, "column").iter_rows() if f"the column {column} " in fault]
    return Finding(FILE, [*named, *rows[ROW]][0], "column" if named else "file", fault[0].lower() + fault[1:])

"""The register of reports: how each stands, and who did what to it and why. Reads nothing of what a report shows."""

from datetime import date, datetime
from typing import NamedTuple

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

REPORTS = """
    select report_id, kind, area, period_start, period_end, audience, classification, title, build_id, created_at, state, version,
        replaces, correction, replaced_by
    from published.report inner join published.report_state using (report_id)
    where (%(number)s::bigint is null or report_id = %(number)s) and (state = any(%(states)s) or %(states)s::text[] is null)
    order by report_id
"""
HISTORY = "select step, login, signed_at, reason from published.sign_off where report_id = %s order by sign_off_id"
WAITING = ["draft", "sent back", "checked"]


class Report(NamedTuple):
    """A report and how it stands; `version` is None until it is released."""

    number: int
    kind: str
    area: str
    period_start: date
    period_end: date
    audience: str
    marking: str
    title: str
    build_id: int
    made_at: datetime
    state: str
    version: int | None
    replaces: int | None
    correction: str | None
    replaced_by: int | None


class Signed(NamedTuple):
    """A step that a person took with a report."""

    step: str
    login: str
    signed_at: datetime
    reason: str


def listed(only_waiting: bool = False) -> list[Report]:
    """Every report in the order in which they were made, or those that wait for somebody."""
    return _reports(None, WAITING if only_waiting else None)


def read(number: int) -> Report:
    """One report. Raises IomError when there is none of this number."""
    for report in _reports(number, None):
        return report
    raise no_report(number)


def no_report(number: int) -> IomError:
    return IomError(f"There is no report {number}.", "`iom report list` shows those there are.")


def history(number: int) -> list[Signed]:
    """The steps of a report's sign-off, the first one first."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(HISTORY, (number,))
        return [Signed(*row) for row in cursor.fetchall()]


def _reports(number: int | None, states: list[str] | None) -> list[Report]:
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(REPORTS, {"number": number, "states": states})
        return [Report(*row) for row in cursor.fetchall()]

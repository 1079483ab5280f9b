"""Reports to sign off, small ones put into `published` by the publisher, and the people of the default configuration who sign."""

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date

from delivery_maker import Warehouse

from iom_warehouse import access, signoff
from iom_warehouse.platform import database, secrets

ANALYST, STEWARD, COMMISSIONER = "sample_analyst", "sample_steward", "sample_commissioner"
WHY = "compared with the marts"
REPORT = """
    insert into published.report (kind, definition_version, area, sections, period_start, period_end, audience, build_id,
        business_date, data_cut, classification, title, main_points, audit_head)
    values ('quarterly', '1', %(area)s, '{caseload}', %(quarter)s, %(quarter)s + interval '3 months - 1 day', %(audience)s,
        %(build)s,
        '2013-12-30', '2013-12-30', 'OFFICIAL', 'Outcomes', '{}', '')
    returning report_id
"""
TABLE = """
    insert into published.report_table (report_id, table_name, table_order, section, title, meaning, when_empty)
    values (%s, 'caseload', 1, 'caseload', 'Caseload', 'So many people.', 'Nobody.')
"""
FIGURE = """
    insert into published.figure (report_id, table_name, row_order, column_order, row_label, column_name, column_title, value,
        value_text, suppression_status, fact)
    values (%(report)s, 'caseload', %(row)s, 1, %(fact)s, 'people', 'People', %(value)s, %(value)s::text, 'shown', %(fact)s)
"""


def prepare(warehouse: Warehouse) -> None:
    """The default configuration, its people, and a build."""
    warehouse.configure()
    with database.session("owner") as owner:
        access.apply(owner)
    build(warehouse)


def build(warehouse: Warehouse) -> int:
    """Another build of the same night."""
    return warehouse.value(
        "insert into audit.build (business_date, kind, configuration_id, status, finished_at) select '2013-12-30', 'nightly',"
        " max(configuration_id), 'succeeded', now() from audit.configuration returning build_id"
    )


def draft(
    build: int = 1,
    audience: str = "board",
    counts: Mapping[str, int] | None = None,
    quarter: str = "2013-10-01",
    area: str = "all",
) -> int:
    """A report that was published and not signed yet."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        facts = {"build": build, "audience": audience, "quarter": date.fromisoformat(quarter), "area": area}
        cursor.execute(REPORT, facts)
        [number] = cursor.fetchone()
        cursor.execute(TABLE, (number,))
        for row, (fact, value) in enumerate((counts or {"everyone": 430}).items(), 1):
            cursor.execute(FIGURE, {"report": number, "row": row, "fact": fact, "value": value})
    return number


@contextmanager
def person(login: str):
    """A connection as one of the people."""
    with database.session_of_person(login, secrets.read(f"people/{login}")) as conn:
        yield conn


def sign(login: str, number: int, step: signoff.Step, correction: str | None = None, reason: str = WHY) -> None:
    with person(login) as conn:
        signoff.sign(conn, number, step, reason, correction)


def release(number: int, correction: str | None = None, by: str = COMMISSIONER) -> int:
    """Check and release a report."""
    sign(ANALYST, number, "check", correction)
    sign(by, number, "release")
    return number

"""Trace pages for auditors: what each report rests on, and where each of its figures stands. They show no figure themselves."""

from itertools import groupby
from pathlib import Path

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database
from iom_warehouse.reports import trace
from iom_warehouse.reports.rendering import environment, write
from iom_warehouse.reports.source import Fact, fetch
from iom_warehouse.reports.validation_pages import is_written

REPORTS = """
    select r.report_id, r.title, r.audience, r.classification, r.period_start, r.period_end, r.created_at, s.state, s.version,
        greatest(r.created_at, (
            select max(o.signed_at) from published.sign_off o where r.report_id in (o.report_id, o.replaces)
        )) as changed_at
    from published.report r join published.report_state s using (report_id) order by r.report_id desc
"""
FIGURES = """
    select f.*, t.title, t.source_systems
    from published.figure f join published.report_table t using (report_id, table_name)
    where report_id = %(report)s order by t.table_order, f.row_order, f.column_order
"""
SIGNED = "select step, signed_at from published.sign_off where report_id = %(report)s order by sign_off_id"


def write_trace_pages(folder: Path) -> Path:
    """Write index.html and a page per report into `folder`, where one changed since. Returns the path of the index."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = environment()
    with database.transaction("publisher") as conn:
        reports = fetch(conn, REPORTS)
        for report in reports:
            target = folder / f"{report['report_id']}.html"
            if not is_written(target, report["changed_at"]):
                write(target, pages.get_template("trace.html.jinja").render(_facts(conn, report["report_id"])))
    index = folder / "index.html"
    write(index, pages.get_template("trace_index.html.jinja").render(reports=reports))
    return index


def _facts(conn: Connection, report_id: int) -> Fact:
    basis = trace.basis_of(conn, report_id)
    figures = fetch(conn, FIGURES, report=report_id)
    return {
        "report": basis.report,
        "deliveries": basis.deliveries,
        "files": basis.by_file(),
        "signed": fetch(conn, SIGNED, report=report_id),
        "tables": [(name, list(of_table)) for name, of_table in groupby(figures, key=lambda figure: figure["table_name"])],
    }

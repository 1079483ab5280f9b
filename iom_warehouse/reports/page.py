"""A published report as its page shows it, read back from `published.*` by a role that can read nothing else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from psycopg2.extras import RealDictCursor

from iom_warehouse.platform import database, report_files
from iom_warehouse.platform.errors import IomError
from iom_warehouse.reports import wording

SECTIONS = {
    "reoffending": "Reoffending", "caseload": "Caseload", "risk": "Spread of risk", "referrals": "Referrals",
    "engagement": "Engagement of agencies", "needs": "Needs", "drug_services": "Drug services", "releases": "Releases",
    "transitions": "Transitions", "value": "Value for money", "services": "Services", "acquisitive_crime": "Acquisitive crime",
    "scrutiny": "Scrutiny and standards", "quality": "Data quality",
}  # fmt: skip
REPORT = """
    select
        report.*, encode(audit_head, 'hex') as audit_hash, state, version, replaces, correction, checked_at, released_at,
        released_hash, replaced_by,
        report_id = (select other.report_id from published.report as other
                     where (other.kind, other.area, other.audience) = (report.kind, report.area, report.audience)
                     order by other.period_start desc, other.report_id desc
                     limit 1) as is_newest
    from published.report as report
    inner join published.report_state using (report_id)
    where report_id = %s
"""
PROVISIONAL = "provisional"
STANDING = {  # of a report that is not the released one
    "draft": "Draft: nobody has checked this report yet.",
    "sent back": "Draft: this report was checked and sent back.",
    "checked": "Draft: this report was checked, and is not released yet.",
    "withdrawn": "Withdrawn: do not use this report, and do not pass it on.",
    "replaced": "Replaced: report {replaced_by} is the later version of this one.",
}


@dataclass(frozen=True)
class Cell:
    text: str
    note: str
    status: str
    value: Decimal | None
    ci_low: Decimal | None
    ci_high: Decimal | None
    period_end: date | None
    horizon_days: int | None

    @property
    def is_number(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class Basis:
    """What the figures of a row rest on: their first and last day, the day that the data reach to, and final or provisional."""

    period_start: date | None = None
    period_end: date | None = None
    data_cut: date | None = None
    maturity: str | None = None


@dataclass(frozen=True)
class Row:
    label: str
    group: str
    cells: dict[str, Cell]
    basis: Basis = field(default_factory=Basis)

    @property
    def is_everyone(self) -> bool:
        return self.label.startswith("Everyone")


@dataclass(frozen=True)
class Table:
    name: str
    section: str
    title: str
    row_heading: str
    meaning: str
    caveat: str
    when_empty: str
    charts: tuple[str, ...]
    facts: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def numeric(self) -> set[int]:
        """Numbers of the columns that hold numbers."""
        return {number for row in self.rows for number, cell in enumerate(row.cells.values()) if cell.is_number}

    @property
    def maturity(self) -> str:
        """A sentence on which of its figures can still change; empty where none of them is said to be final or not."""
        known = [row for row in self.rows if row.basis.maturity]
        provisional = [row for row in known if row.basis.maturity == PROVISIONAL]
        if not known:
            return ""
        reach = self._reach(known)
        if not provisional or len(provisional) == len(known):
            return f"These figures are {known[0].basis.maturity}{reach}."
        names = [row.label if len(self.groups) == 1 else f"{row.group}: {row.label}" for row in provisional]
        return f"Final{reach}, but for what is provisional: {'; '.join(dict.fromkeys(names))}."

    def _reach(self, rows: Sequence[Row]) -> str:
        """How far the data of these rows reach, with a comma before it."""
        reached = {row.basis.data_cut for row in rows if row.basis.data_cut}
        if not reached:
            return ""
        return f", from data that reach to {wording.day(min(reached))}{' or a later day' if len(reached) > 1 else ''}"

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Rows under the headings of their groups; no heading where there is but one kind."""
        found = [(group, list(rows)) for group, rows in groupby(self.rows, key=lambda row: row.group)]
        return [("", list(self.rows))] if len(found) == 1 else found


@dataclass(frozen=True)
class Report:
    facts: dict[str, Any]
    tables: tuple[Table, ...]

    @property
    def sections(self) -> list[tuple[str, str, list[Table]]]:
        """Name, title and tables of every section that the report is to have, also of one without tables."""
        names = self.facts["sections"]
        return [(name, SECTIONS[name], [table for table in self.tables if table.section == name]) for name in names]

    @property
    def file_name(self) -> str:
        """What the files of the report are called, without the end that says the format."""
        return report_files.name_of(self.facts)

    @property
    def standing(self) -> str:
        """Why the report is not to be relied on, or not yet; empty for a released one."""
        return STANDING.get(self.facts["state"], "").format_map(self.facts)

    def says(self, words: str) -> bool:
        """Whether a figure or the note at one says these words."""
        cells = (cell for table in self.tables for row in table.rows for cell in row.cells.values())
        return any(words in cell.text or words in cell.note for cell in cells)

    def statuses(self) -> set[str]:
        return {cell.status for table in self.tables for row in table.rows for cell in row.cells.values()}


def head(report_id: int) -> dict[str, Any]:
    """What the report is and how it stands, without its tables. Raises IomError when there is none of this number."""
    with _reading() as cursor:
        return _head(cursor, report_id)


def read(report_id: int) -> Report:
    """The report. Raises IomError when there is none of this number."""
    with _reading() as cursor:
        facts = _head(cursor, report_id)
        cursor.execute("select * from published.report_table where report_id = %s order by table_order", (report_id,))
        tables = cursor.fetchall()
        cursor.execute(
            "select * from published.figure where report_id = %s order by table_name, row_order, column_order", (report_id,)
        )
        figures = {name: list(found) for name, found in groupby(cursor.fetchall(), key=lambda figure: figure["table_name"])}
    return Report(facts, tuple(_table(_plain(table), figures.get(table["table_name"], [])) for table in tables))


@contextmanager
def _reading() -> Iterator[Any]:
    """A cursor of the role that sees what was released and nothing else."""
    with database.transaction("publisher") as conn, conn.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute("set local role iom_report")
        yield cursor


def _head(cursor: Any, report_id: int) -> dict[str, Any]:
    cursor.execute(REPORT, (report_id,))
    facts = cursor.fetchone()
    if facts is None:
        raise IomError(f"There is no report {report_id}.")
    return _plain(facts)


def _plain(facts: Any) -> dict[str, Any]:
    """What a page may print as it is: moments without their fractions."""
    return {name: value.replace(microsecond=0) if isinstance(value, datetime) else value for name, value in facts.items()}


def _table(facts: dict[str, Any], figures: list[Any]) -> Table:
    rows = [list(cells) for _, cells in groupby(figures, key=lambda figure: figure["row_order"])]
    return Table(
        facts["table_name"], facts["section"], facts["title"], facts["row_heading"], facts["meaning"], facts["caveat"],
        facts["when_empty"],
        tuple(facts["charts"]), facts,
        tuple(figure["column_title"] for figure in rows[0]) if rows else (),
        tuple(Row(row[0]["row_label"], row[0]["row_group"],
        {figure["column_name"]: _cell(figure) for figure in row}, _basis(row)) for row in rows),
    )  # fmt: skip


def _basis(figures: Sequence[Any]) -> Basis:
    """Of the figures of a row that are given; where they differ, such as from quarter to quarter, of all of them together."""
    given = [figure for figure in figures if figure["suppression_status"] != "missing"] or figures
    starts, ends, cuts, states = (
        [figure[name] for figure in given if figure[name] is not None]
        for name in ("period_start", "period_end", "data_cut", "maturity")
    )
    return Basis(
        min(starts, default=None), max(ends, default=None), min(cuts, default=None),
        PROVISIONAL if PROVISIONAL in states else next(iter(states), None),
    )  # fmt: skip


def _cell(figure: Any) -> Cell:
    return Cell(
        figure["value_text"], figure["note"], figure["suppression_status"], figure["value"], figure["ci_low"], figure["ci_high"],
        figure["period_end"], figure["horizon_days"],
    )  # fmt: skip

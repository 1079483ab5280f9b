"""Every table of a report as CSV, with metadata as CSV on the Web has them, in one archive.

A column of figures holds plain numbers, with the ends of an interval in columns of their own; where there is no number it holds
the words that stand in the report. The same report gives the same bytes.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iom_warehouse.reports import wording
from iom_warehouse.reports.formats.safe_text import no_formula
from iom_warehouse.reports.page import Cell, Report, Table
from iom_warehouse.reports.rendering import MARKERS

METADATA = "metadata.json"
BASIS = {  # of each row, behind its figures
    "period_start": "First day that the figures are of", "period_end": "Last day that the figures are of",
    "data_cut": "Day that the data reach to", "maturity": "Final or provisional",
}  # fmt: skip
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # every entry has the same time, so that the archive is the same again


@dataclass(frozen=True)
class _Column:
    """A column of a file, from one of a table: its value, an end of its interval, or the notes at it."""

    name: str
    title: str
    source: str
    part: str

    def of(self, cell: Cell) -> Any:
        return {
            "value": cell.value if cell.value is not None else no_formula(cell.text),
            "low": cell.ci_low,
            "high": cell.ci_high,
            "note": no_formula(cell.note),
        }[self.part]


def make(report: Report) -> bytes:
    """The archive: metadata.json and a file per table, each with the name of the report and how it stands before its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, _file_name(report, METADATA), json.dumps(_metadata(report), ensure_ascii=False, indent=2) + "\n")
        for table in report.tables:
            _add(archive, _file_name(report, f"{table.name}.csv"), _text(table))
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.external_attr = 0o640 << 16
    archive.writestr(entry, text.encode("utf-8"), zipfile.ZIP_DEFLATED)


def _file_name(report: Report, name: str) -> str:
    """Taken out of the archive, a file still says by its name how the report is marked and how it stands."""
    return f"{report.file_name}-{report.facts['state'].replace(' ', '_')}-{name}"


def _text(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = list(_columns(table))
    writer.writerow(["group", "name", *(column.name for column in columns), *BASIS])
    for row in table.rows:
        figures = [column.of(row.cells[column.source]) for column in columns] + [getattr(row.basis, name) for name in BASIS]
        writer.writerow([no_formula(row.group), no_formula(row.label), *("" if each is None else each for each in figures)])
    return out.getvalue()


def _columns(table: Table) -> Iterator[_Column]:
    if not table.rows:
        return
    for name, title in zip(table.rows[0].cells, table.columns, strict=True):
        cells = [row.cells[name] for row in table.rows]
        yield _Column(name, title, name, "value")
        if any(cell.ci_low is not None for cell in cells):
            yield _Column(f"{name}_low", f"{title}: lower end", name, "low")
            yield _Column(f"{name}_high", f"{title}: upper end", name, "high")
        if any(cell.note for cell in cells):
            yield _Column(f"{name}_note", f"{title}: note", name, "note")


def _metadata(report: Report) -> dict[str, Any]:
    facts = report.facts
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": facts["title"],
        "dc:identifier": f"report {facts['report_id']}",
        "dc:created": facts["created_at"].isoformat(),
        "dc:rights": facts["classification"],
        "dc:audience": facts["audience"],
        "dc:description": report.standing or f"Released, version {facts['version']}.",
        "dc:temporal": f"{facts['period_start']}/{facts['period_end']}",
        "dc:spatial": facts["area_name"] or facts["area"],
        "notes": [words for status, words in MARKERS.items() if status in report.statuses()],
        "tables": [_table(table, _file_name(report, f"{table.name}.csv")) for table in report.tables],
    }


def _table(table: Table, file_name: str) -> dict[str, Any]:
    own = [
        {"name": "group", "titles": "Part of the table", "datatype": "string"},
        {"name": "name", "titles": table.row_heading, "datatype": "string"},
    ]
    of_rows = [
        {"name": name, "titles": title, "datatype": "string" if name == "maturity" else "date", "null": [""]}
        for name, title in BASIS.items()
    ]
    found: dict[str, Any] = {
        "url": file_name,
        "dc:title": table.title,
        "dc:description": (table.meaning or table.title) if table.rows else table.when_empty,
        "dc:source": ", ".join(map(wording.feed, table.facts["source_systems"])),
        "notes": list(filter(None, [table.maturity, table.caveat])),
        "tableSchema": {"columns": [*own, *(_described(column, table) for column in _columns(table)), *of_rows]},
    }
    measure = {name: table.facts[name] for name in ("measure_id", "measure_version", "cohort_id") if table.facts[name]}
    return found | ({"iom:measure": measure} if measure else {})


def _described(column: _Column, table: Table) -> dict[str, Any]:
    cells = [row.cells[column.source] for row in table.rows]
    if column.part == "note":
        return {"name": column.name, "titles": column.title, "datatype": "string"}
    is_number = column.part != "value" or any(cell.value is not None for cell in cells)
    words = sorted({no_formula(cell.text) for cell in cells if is_number and cell.value is None})
    found: dict[str, Any] = {"name": column.name, "titles": column.title, "datatype": "decimal" if is_number else "string"}
    return found | ({"null": _with_empty(words)} if is_number else {})


def _with_empty(words: Sequence[str]) -> list[str]:
    return ["", *words]

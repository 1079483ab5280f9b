"""A report as a workbook by gptables: cover, contents, notes, and one table a sheet.

gptables reads links (`[words](address)`) and notes (`$$note$$`) out of any text, and XlsxWriter takes what begins with = for a
formula: nothing of others may come through as such.
"""

import io
import re
import warnings
import zipfile
from decimal import Decimal
from typing import Any

import pandas as pd

from iom_warehouse.reports import wording
from iom_warehouse.reports.formats.safe_text import CONTROL
from iom_warehouse.reports.page import Cell, Report, Row, Table
from iom_warehouse.reports.rendering import MARKERS, READING, findings

TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
LONGEST = 32_000  # characters of a cell; Excel takes 32,767
WIDEST_HEADER = 250
NUMBERS = {  # by what is in the words of the page
    r"\((more|fewer|no change)\)": '+0"% (more)";-0"% (fewer)";0"% (no change)"',
    "%$": '0"%"',
    f"^[+{wording.MINUS}]": "+#,##0;-#,##0;0",
    "": "#,##0",
}
INSTRUCTIONS = "This sheet holds one table. Words or a letter in place of a number are explained on the sheet Notes."


def make(report: Report) -> bytes:
    """The workbook; the same report gives the same bytes."""
    import gptables  # it takes a second to import

    sheets = {_sheet(number): _gptable(table, number, report) for number, table in enumerate(report.tables, 1)}
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on notes that no cell refers to
        book = gptables.produce_workbook(
            out, sheets, cover=_cover(report), contentsheet_options=_contents(report), notes_table=_notes(report),
            auto_width=False, workbook_options=TEXT_ONLY,
        )  # fmt: skip
        _finish(book, report)
        book.close()
    return _in_english(out.getvalue())


def _sheet(number: int) -> str:
    return f"Table {number}"


def plain(text: str) -> str:
    """Text that gptables takes as it is."""
    found = CONTROL.sub(" ", text).replace("$$", "$ $").replace("](", "] (")[:LONGEST].strip()
    return found if re.search("[A-Za-z0-9]", found) else f"{found} (no Latin letter or digit)".strip()


def _cover(report: Report) -> Any:
    from gptables import Cover

    facts = report.facts
    standing = [plain(words) for words in (report.standing, facts["correction"]) if words]
    about = [
        f"Period: {wording.days(facts['period_start'], facts['period_end'])}",
        *([f"Area: {plain(facts['area_name'])}"] if facts["area_name"] else []),
        f"Audience: {facts['audience']}",
        f"Data reach to: {wording.day(facts['data_cut'] or facts['business_date'])}",
        f"Made: {wording.day(facts['created_at'].date())}, from build {facts['build_id']}; report {facts['report_id']}",
    ]
    points = [plain(point) for point in facts["main_points"]] or ["There is no figure for this period that could be summed up."]
    intro = [facts["classification"], *standing, "Main points", *points]
    return Cover(title=plain(facts["title"]), intro=intro, about=about, width=100)


def _contents(report: Report) -> dict[str, Any]:
    return {"title": f"Contents of: {plain(report.facts['title'])}", "table_name": "contents"}


def _notes(report: Report) -> pd.DataFrame:
    shown = [words for status, words in MARKERS.items() if status in report.statuses()]
    found = [f"{short}: {words}" for short, words in findings(report).items()]
    words = [*READING, *shown, *found]
    return pd.DataFrame({"Note": [f"n{number}" for number in range(len(words))], "What it says": words})


def _gptable(table: Table, number: int, report: Report) -> Any:
    from gptables import GPTable

    has_groups = len(table.groups) > 1
    caveat = [f"What this does not mean: {plain(table.caveat)}"] if table.caveat and table.rows else []
    said = [plain(table.meaning)] if table.meaning and table.rows else []
    maturity = [plain(table.maturity)] if table.maturity else []
    frame = _frame(table, has_groups)
    sources = ", ".join(map(wording.feed, table.facts["source_systems"]))
    return GPTable(
        frame, table_name=f"table_{number}_{table.name}"[:200], title=f"{_sheet(number)}: {plain(table.title)}",
        subtitles=[report.facts["classification"], *said, *maturity, *caveat], instructions=INSTRUCTIONS,
        source=f"Source: {sources}" if sources else None,
        index_columns={1: 0, 2: 1} if has_groups else {2: 0},
        additional_formatting=_formats(table, 2 if has_groups else 1),
    )  # fmt: skip


def _frame(table: Table, has_groups: bool) -> pd.DataFrame:
    """The table as cells: numbers where they are known, else words; the notes of a row in a last column."""
    if not table.rows:
        return pd.DataFrame({"Why there is no table": [plain(table.when_empty)]})
    columns: dict[str, list[Any]] = {"Part of the table": [plain(row.group or "All") for row in table.rows]} if has_groups else {}
    columns[_header(table.row_heading, columns)] = [plain(row.label) for row in table.rows]
    for name, title in zip(table.rows[0].cells, table.columns, strict=True):
        columns[_header(title, columns)] = [_value(row.cells[name]) for row in table.rows]
    notes = [_notes_of(table, row) for row in table.rows]
    if any(notes):
        columns[_header("Notes", columns)] = [note or "none" for note in notes]
    return pd.DataFrame(columns, dtype=object)


def _header(title: str, taken: dict[str, Any]) -> str:
    """A title that no other column has."""
    found, number = plain(title)[:WIDEST_HEADER], 1
    while found.casefold() in {each.casefold() for each in taken}:
        number += 1
        found = f"{plain(title)[:WIDEST_HEADER]} ({number})"
    return found


def _value(cell: Cell) -> Any:
    if cell.value is None:
        return plain(cell.text)
    return int(cell.value) if cell.value == cell.value.to_integral_value() else float(cell.value)


def _notes_of(table: Table, row: Row) -> str:
    cells = zip(table.columns, row.cells.values(), strict=True)
    return "; ".join(f"{plain(title)}: {plain(cell.note)}" for title, cell in cells if cell.note)


def _formats(table: Table, first: int) -> list[dict[str, Any]]:
    """How each number is shown, in the columns from `first` on: as on the page, with its decimals, its sign and its words."""
    return [
        {"cell": {"cells": (line, place), "format": {"num_format": _number_format(cell.text, cell.value)}}}
        for line, row in enumerate(table.rows, 1)  # the titles come before them
        for place, cell in enumerate(row.cells.values(), first)
        if cell.value is not None
    ]


def _number_format(text: str, value: Decimal) -> str:
    form = next(form for shape, form in NUMBERS.items() if re.search(shape, text))
    decimals = -int(value.as_tuple().exponent)
    return form.replace("0", f"0.{'0' * decimals}") if decimals > 0 else form


def _finish(book: Any, report: Report) -> None:
    """Marking, widths and printing of every sheet, and the properties of the file."""
    facts = report.facts
    marking = facts["classification"]
    for sheet in book.worksheets():
        sheet.set_header(f"&C&B{marking}")
        sheet.set_footer(f"&L{marking}&CReport {facts['report_id']}&RPage &P of &N")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    for sheet in book.worksheets()[1:]:
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 30, 18)
    book.set_properties({
        "title": facts["title"], "subject": f"{marking}: for the audience {facts['audience']}", "author": "IOM partnership",
        "category": marking, "keywords": marking, "created": facts["created_at"].replace(tzinfo=None),
        "comments": f"{marking}. Report {facts['report_id']}, build {facts['build_id']}",
    })  # fmt: skip
    book.set_custom_property("Classification", marking)


def _in_english(content: bytes) -> bytes:
    """The workbook with its language among its properties, which XlsxWriter has no word for."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in given.infolist():
            data = given.read(entry)
            if entry.filename == "docProps/core.xml":
                data = data.replace(b"</cp:coreProperties>", b"<dc:language>en-GB</dc:language></cp:coreProperties>")
            written.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()

"""Page, PDF, workbook and CSV: the same released figures in each, marked, harmless, and the same bytes again."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from ctypes.util import find_library
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pikepdf
import pytest
import sections_in_marts
from delivery_maker import Warehouse
from marts_by_hand import Reporting

from iom_warehouse import reports
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import formats, page

FORMULA = "=cmd|' /C calc'!A0"
MARKUP = '<script>alert("x")</script>'
LINK = "[click](http://evil.example) $$note$$"
RIGHT_TO_LEFT = "שלום"
LONG = "Long" * 50
NAMES = {"D1": MARKUP, "D2": RIGHT_TO_LEFT, "D3": LONG, "D4": LINK}
PROVIDERS = ("=1+1", FORMULA, "@SUM(A1)", "-2+3", "\t=1", "+44 20 7946 0000", LINK)


@pytest.fixture(scope="module")
def made(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A report for the board in every format, with names that want to be more than names, and with empty tables."""
    if not find_library("pangoft2-1.0"):
        pytest.skip("the PDF needs Pango: apt-get install libpangoft2-1.0-0")
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    with (folder / "areas.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((code, name, "district", "FX-N", "2004-01-01") for code, name in NAMES.items())
    with (folder / "reports.csv").open("a") as file:
        file.write("pack,1,Pack,quarterly,,,,reoffending;caseload;risk;needs;drug_services;services,2004-01-01\n")
    reporting = Reporting(shared_warehouse)
    reporting.configure(folder)
    reporting.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    reporting.fill_sections(leaving_out=("contract_position",))
    [contract] = sections_in_marts.contract_position()
    rows = [contract | {"contract_ref": f"C{n}", "provider": provider} for n, provider in enumerate(PROVIDERS)]
    reporting.fill("mart_services", "contract_position", rows)
    caseload = {
        "period_kind": "quarter", "period_start": date(2013, 10, 1), "period_end": sections_in_marts.LAST, "scheme": "any",
        "opening": 40, "joiners": 12, "leavers": 8, "closing": 44, "pct_change": 10, "is_complete": True,
        "data_cut": sections_in_marts.LAST, "area_level": "district",
    }  # fmt: skip
    reporting.fill("mart_partnership", "caseload_movement", [caseload | {"area": area} for area in NAMES])
    [report_id] = reports.publish("pack", "2013Q4", audience="board")
    paths = reports.write(report_id, shared_warehouse.state / "reports")
    return SimpleNamespace(report_id=report_id, paths={path.suffix: path for path in paths}, report=page.read(report_id))


@pytest.fixture(scope="module")
def workbook(made) -> openpyxl.Workbook:
    return openpyxl.load_workbook(made.paths[".xlsx"])


@pytest.fixture(scope="module")
def archive(made) -> dict[str, str]:
    """Content by the part of the name that is the file's own."""
    with zipfile.ZipFile(made.paths[".zip"]) as found:
        return {name.removeprefix(front(made)): found.read(name).decode("utf-8") for name in found.namelist()}


def front(made) -> str:
    return f"pack-2013-10-01-board-OFFICIAL-SENSITIVE-{made.report_id}-draft-"


@pytest.fixture(scope="module")
def pdf(made):
    with pikepdf.open(made.paths[".pdf"]) as found:
        yield found


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_of(workbook: openpyxl.Workbook, title: str):
    return next(sheet for sheet in workbook.worksheets if str(sheet["A1"].value).endswith(f": {title}"))


def test_there_is_a_file_of_each_format_with_the_marking_in_its_name(made):
    names = sorted(path.name for path in made.paths.values())
    front = f"pack-2013-10-01-board-OFFICIAL-SENSITIVE-{made.report_id}"
    assert names == [f"{front}-csv.zip", f"{front}.html", f"{front}.pdf", f"{front}.xlsx"]


def test_the_same_report_is_the_same_bytes_in_every_format(made):
    for form, make in formats.MAKERS.items():
        assert make(made.report) == make(made.report), form


def test_every_table_is_in_the_archive_as_it_was_released(made, archive):
    """Numbers as numbers, all else in the words of the report."""
    assert set(archive) == {"metadata.json", *(f"{table.name}.csv" for table in made.report.tables)}
    for table in made.report.tables:
        found = rows_of(archive[f"{table.name}.csv"])
        assert len(found) == len(table.rows), table.name
        for written, row in zip(found, table.rows, strict=True):
            for name, cell in row.cells.items():
                expected = str(cell.value) if cell.value is not None else cell.text
                assert written[name].lstrip("'").strip() == expected.strip(), (table.name, row.label, name)


def test_every_format_says_of_when_figures_are_and_whether_they_can_still_change(made, archive, workbook):
    told = {table.name: table for table in made.report.tables if table.maturity}
    html = made.paths[".html"].read_text("utf-8")
    for name, table in told.items():
        assert table.maturity in html, name
        assert table.maturity in {cell.value for line in sheet_of(workbook, table.title).iter_rows() for cell in line}, name
    rows = rows_of(archive["risk_spread.csv"])
    assert "risk_spread" in told and rows
    assert [(row["period_end"], row["data_cut"], row["maturity"]) for row in rows] == [
        (day, "2013-12-31", "final") for day in ("2013-09-30", "2013-12-31")
    ]


def test_what_is_hidden_is_in_no_format(made, archive, workbook):
    """Three rated otherwise hidden: the board sees no number where the page has none."""
    [row] = [row for row in rows_of(archive["risk_spread.csv"]) if row["name"] == "31 December 2013"]
    assert row["not_rated"] == "c" and row["caseload"] == "429"
    sheet = sheet_of(workbook, "Spread of risk at the end of each month, all schemes")
    cells = {cell.value for line in sheet.iter_rows() for cell in line}
    assert "c" in cells and 429 in cells and 3 not in cells


def test_a_file_taken_out_of_the_archive_says_how_it_is_marked_and_how_the_report_stands(made):
    with zipfile.ZipFile(made.paths[".zip"]) as found:
        assert all(name.startswith(front(made)) for name in found.namelist()), found.namelist()


def test_metadata_describe_every_column_of_every_file(archive, made):
    found = json.loads(archive["metadata.json"].replace(front(made), ""))
    assert found["dc:rights"] == "OFFICIAL-SENSITIVE" and found["dc:title"] == made.report.facts["title"]
    for table in found["tables"]:
        header = archive[table["url"]].split("\r\n")[0].split(",")
        assert header == [column["name"] for column in table["tableSchema"]["columns"]]
        assert table["dc:description"]
    described = {table["url"]: table for table in found["tables"]}
    share = next(column for column in described["dip_chain.csv"]["tableSchema"]["columns"] if column["name"] == "share")
    assert share["datatype"] == "decimal" and "the first stage" in share["null"]


def test_a_spreadsheet_runs_nothing_of_it(archive, workbook):
    for name, text in archive.items():
        if name.endswith(".csv"):
            begins = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if re.match(r"\s*[=+@\t]", cell)]
            assert begins == [], name
            assert not re.search(r'(^|,|")-\D', text, re.MULTILINE)
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert FORMULA in {cell.value for cell in cells}, "kept as the text that it is"
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert links and all(link.target is None and link.location for link in links), "only to other sheets"


def test_names_are_text_in_every_format(made, archive, workbook):
    texts = {cell.value for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row}
    assert {MARKUP, LONG, "[click] (http://evil.example) $ $note$ $"} <= texts
    assert any(str(text).startswith(RIGHT_TO_LEFT) for text in texts)
    assert {MARKUP, LONG, RIGHT_TO_LEFT, LINK} <= {row["name"] for row in rows_of(archive["caseload_movement.csv"])}
    assert "<script" not in made.paths[".html"].read_text("utf-8")


def test_each_sheet_is_one_marked_up_table_with_a_title(made, workbook):
    assert workbook.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert len(workbook.sheetnames) == 3 + len(made.report.tables)
    for sheet in workbook.worksheets[1:]:
        assert len(sheet.tables) == 1, sheet.title
        assert sheet["A1"].value
    titles = [str(sheet["A1"].value).partition(": ")[2] for sheet in workbook.worksheets[3:]]
    assert titles == [table.title for table in made.report.tables]


def test_an_empty_table_says_why(made, archive, workbook):
    [table] = [table for table in made.report.tables if table.name == "needs_hub"]
    sheet = sheet_of(workbook, table.title)
    assert table.when_empty in {cell.value for row in sheet.iter_rows() for cell in row}
    assert rows_of(archive["needs_hub.csv"]) == []
    described = next(
        each for each in json.loads(archive["metadata.json"])["tables"] if each["url"] == front(made) + "needs_hub.csv"
    )
    assert described["dc:description"] == table.when_empty


def test_a_change_in_the_workbook_says_which_way_it_goes(made):
    [report_id] = reports.publish("pack", "2013Q4")
    book = openpyxl.load_workbook(io.BytesIO(formats.workbook.make(page.read(report_id))))
    sheet = sheet_of(book, "Change of risk in the quarter, all schemes")
    column = next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == "Change")
    changes = [row[column - 1] for row in sheet.iter_rows() if isinstance(row[column - 1].value, int)]
    assert [cell.value for cell in changes] == [16, -3, -1, -20, -75]
    assert {cell.number_format for cell in changes} == {'+0"% (more)";-0"% (fewer)";0"% (no change)"'}


def test_the_workbook_is_marked_and_says_what_it_is(made, workbook):
    for sheet in workbook.worksheets:
        assert sheet.oddHeader.center.text.removeprefix("&B") == "OFFICIAL-SENSITIVE"
        assert "OFFICIAL-SENSITIVE" in sheet.oddFooter.left.text
    properties = workbook.properties
    assert properties.title == made.report.facts["title"]
    assert (properties.creator, properties.language, properties.keywords) == ("IOM partnership", "en-GB", "OFFICIAL-SENSITIVE")
    assert "Draft: nobody has checked this report yet." in {cell.value for row in workbook["Cover"].iter_rows() for cell in row}


def test_the_pdf_is_tagged_titled_and_in_english(made, pdf):
    assert pdf.Root.MarkInfo.Marked and pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.Root.Lang) == "en-GB"
    assert str(pdf.docinfo["/Title"]) == f"OFFICIAL-SENSITIVE: {made.report.facts['title']}"
    assert str(pdf.docinfo["/Keywords"]) == "OFFICIAL-SENSITIVE"
    found = list(formats.pdf._elements(pdf.Root.StructTreeRoot.K, ()))
    kinds = [str(element.S) for element, _ in found]
    assert kinds.count("/H1") == 1 and kinds.count("/Figure") == made.paths[".html"].read_text("utf-8").count("<svg")
    assert all(str(element.Alt).startswith("Chart: ") for element, _ in found if element.S == "/Figure")
    scopes = {str(element.A.Scope) for element, _ in found if element.S == "/TH"}
    assert scopes == {"/Column", "/Row"}


def test_a_checker_finds_nothing_wrong_with_the_pdf(made):
    checker = Path(sys.executable).parent / "pdfua"
    done = subprocess.run([checker, "check", made.paths[".pdf"]], capture_output=True, text=True, check=False)
    assert "errors=0 warnings=0" in done.stdout, done.stdout


def test_without_the_library_that_sets_text_the_rest_is_made(made, tmp_path, monkeypatch):
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    with pytest.raises(IomError, match="The PDF was not made: .* On Debian: apt-get install libpangoft2-1.0-0"):
        reports.write(made.report_id, tmp_path / "out")
    assert {path.suffix for path in (tmp_path / "out").rglob("*.*")} == {".html", ".xlsx", ".zip"}

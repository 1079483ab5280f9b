"""Every table of every kind of report in every format: text of others stays text, and what is missing is said in words."""

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import leeds_in_marts
import openpyxl
import pikepdf
import pytest
import sections_in_marts
from delivery_maker import Warehouse
from follow_up_in_marts import by_age, summaries
from marts_by_hand import Reporting, with_sections

from iom_warehouse import reports
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import formats, page, rendering, wording
from iom_warehouse.reports.page import Cell, Report, Row, Table

HOSTILE = (
    "{{ 7 * 7 }}", "=cmd|' /C calc'!A0", '<script>alert("x")</script>', "</caption><img src=x onerror=alert(1)>", "שלום עולם",
    "\u202eright to left", "Long name " * 20, "@SUM(A1)", "+1+1", "-2+3", "\t=1", "[click](http://evil.example) $$note$$",
    "\x00\x1b[31mred",
)  # fmt: skip
TITLES = tuple(text.strip() for text in HOSTILE if text[0] in "{<ש[L")  # those that the check of the configuration lets through
READS_AS_A_NUMBER = re.compile(r"[+−-]?\d[\d,.]*%?($| to [+−-]?\d| \((more|fewer)\))")
KINDS = {"quarterly": "2013Q4", "dip_monthly": "2013-12", "annual": "2013/14", "district_profile": "2013Q4",
         "ward_profile": "2013/14"}  # fmt: skip


@pytest.fixture(scope="module")
def filled(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Reporting:
    """Every section, with measures and cohorts whose titles want to be more than titles."""
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    for file in ("measures.csv", "cohorts.csv"):
        _with_titles(folder / file)
    reporting = with_sections(Reporting(shared_warehouse), folder)
    compared = {"measure_id": "convictions_by_quarter", "cohort_id": "ppo_iom_2013"}
    convictions = [row | compared for row in leeds_in_marts.summary() if row["group_by"] == "all"]
    reporting.fill("mart_reoffending", "reoffending_summary", [*summaries(), *by_age(), *convictions])
    of_all = compared | {"measure_version": "1", "group_by": "all", "group_value": "all"}
    drawn = {"period_end": leeds_in_marts.QUARTER_ENDS[-1], "bootstrap_low": -41.2, "bootstrap_high": 2.7, "period_number": 4}
    reporting.fill("mart_reoffending", "reoffending_uncertainty", [of_all | drawn])
    reporting.fill("mart_cohort", "cohort_exclusion", [of_all | {"reason": "died_before", "n_people": 9, "only_reason_count": 7}])
    return reporting


def _with_titles(path: Path) -> None:
    """The file with something hostile for a title in each row."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = reader.fieldnames or (), list(reader)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(row | {"title": title} for row, title in zip(rows, cycle(TITLES), strict=False))


@pytest.fixture(scope="module")
def published(filled: Reporting) -> dict[str, Report]:
    """A report of every kind that the partnership has, of its first area where it is by area."""
    return {kind: page.read(reports.publish(kind, period)[0]) for kind, period in KINDS.items()}


def of_words(text: str, hostile: Iterator[str]) -> str:
    """Something hostile in the place of words."""
    return next(hostile) if text else text


def poisoned(report: Report, by: int | None) -> Report:
    """The report with hostile text wherever there are words: titles, headings, labels, groups, cells, notes, sentences. Without
    `by` it is as it was published, with the titles of the configuration.
    """
    if by is None:
        return report
    turn = iter(HOSTILE[(by + number) % len(HOSTILE)] for number in range(1_000_000))

    def cell(of: Cell) -> Cell:
        return of if of.is_number else replace(of, text=of_words(of.text, turn), note=of_words(of.note, turn))

    def row(of: Row) -> Row:
        cells = {name: cell(each) for name, each in of.cells.items()}
        return replace(of, label=of_words(of.label, turn), group=of_words(of.group, turn), cells=cells)

    def table(of: Table) -> Table:
        words = {name: of_words(getattr(of, name), turn) for name in ("title", "row_heading", "meaning", "caveat", "when_empty")}
        return replace(of, **words, columns=tuple(of_words(each, turn) for each in of.columns), rows=tuple(map(row, of.rows)))

    facts = report.facts | {
        "title": of_words(report.facts["title"], turn),
        "area_name": of_words(report.facts["area_name"], turn),
    }
    facts["main_points"] = [of_words(point, turn) for point in report.facts["main_points"]]
    return Report(facts, tuple(map(table, report.tables)))


def test_every_kind_of_report_is_among_them(filled):
    kinds = filled.warehouse.query("select kind from reference.reports")
    assert {kind for (kind,) in kinds} == set(KINDS)


def test_every_section_has_its_tables_here(published):
    assert {table.section for report in published.values() for table in report.tables} == {
        name for report in published.values() for name in report.facts["sections"]
    }


def test_titles_of_measures_and_cohorts_reach_tables_sentences_and_trust(published):
    report = published["quarterly"]
    tables = {table.name: table for table in report.tables}
    said = " ".join([*report.facts["main_points"], *(table.meaning for table in report.tables)])
    assert tables["rearrest"].title in TITLES and any(title in said for title in TITLES)
    assert tables["trust"].rows[0].label in TITLES and tables["left_out"].rows[0].group in TITLES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", [None, 0, 5])
def test_no_text_of_a_page_becomes_markup(published, kind, by):
    html = rendering.html(poisoned(published[kind], by))
    assert "<script>alert" not in html and "<img src" not in html and "onerror=alert(1)>" not in html.replace("&gt;", "")
    assert by != 0 or "{{ 7 * 7 }}" in html, "not worked out"
    assert html.count("<table") == sum(1 for table in published[kind].tables if table.rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", [None, 0, 5])
def test_no_text_of_a_workbook_or_of_a_csv_file_is_run(published, kind, by):
    report = poisoned(published[kind], by)
    workbook = openpyxl.load_workbook(io.BytesIO(formats.MAKERS["xlsx"](report)))
    cells = [cell for sheet in workbook.worksheets for line in sheet.iter_rows() for cell in line]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target] == []
    with zipfile.ZipFile(io.BytesIO(formats.MAKERS["csv"](report))) as archive:
        files = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")}
    assert len(files) == len(report.tables)
    for name, text in files.items():
        for line in list(csv.reader(io.StringIO(text, newline="")))[1:]:
            words = [cell for cell in line if re.match(r"[\s\u00a0]*[=+@\-]", cell) and not re.fullmatch(r"-?[\d.]+", cell)]
            assert words == [], name


@pytest.mark.parametrize("kind", KINDS)
def test_what_reads_as_a_number_is_one(published, kind):
    """So that a file of figures holds it as a number, or the ends of an interval as two."""
    assert {
        (table.name, name, cell.text)
        for table in published[kind].tables
        for row in table.rows
        for name, cell in row.cells.items()
        if READS_AS_A_NUMBER.match(cell.text) and cell.value is None and cell.ci_low is None
    } == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_in_a_workbook_looks_as_on_the_page(published, kind):
    """Of each table the numbers in the order of the page, with the decimals, the sign and the words that they have there."""
    workbook = openpyxl.load_workbook(io.BytesIO(formats.MAKERS["xlsx"](published[kind])))
    for table, sheet in zip(published[kind].tables, workbook.worksheets[3:], strict=True):
        given = [cell.text for row in table.rows for cell in row.cells.values() if cell.is_number]
        lines = [[cell for cell in line if cell.data_type == "n" and cell.value is not None] for line in sheet.iter_rows()]
        assert [in_excel(cell) for line in lines for cell in line] == given, table.name


def in_excel(cell) -> str:
    """A number by its format: for those above nought, below it, and nought."""
    forms = cell.number_format.split(";")
    form = forms[0] if len(forms) == 1 or cell.value > 0 else forms[1] if cell.value < 0 else forms[2]
    sign, digits, words = re.fullmatch(r'([+-]?)(?:#,##)?(0(?:\.0+)?)(?:"(.*)")?', form).groups()
    is_below = cell.value < 0
    number = f"{abs(cell.value):,.{len(digits.partition('.')[2])}f}"
    return f"{(wording.MINUS if is_below else '') if sign != '+' else sign}{number}{words or ''}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_is_made_of_it_all_the_same(published, kind):
    if not find_library("pangoft2-1.0"):
        pytest.skip("the PDF needs Pango: apt-get install libpangoft2-1.0-0")
    with pikepdf.open(io.BytesIO(formats.MAKERS["pdf"](poisoned(published[kind], 0)))) as pdf:
        assert "/JavaScript" not in str(pdf.Root.keys()) and "/OpenAction" not in pdf.Root
        annotations = [each for sheet in pdf.pages for each in sheet.get("/Annots", [])]
        assert [each for each in annotations if "/URI" in each.get("/A", {})] == []


@pytest.fixture(scope="module")
def empty(filled: Reporting) -> dict[str, Report]:
    """The same kinds when nothing was delivered: every mart is there, and none has a row."""
    for (mart,) in filled.warehouse.query(
        "select schemaname || '.' || tablename from pg_tables where schemaname like 'mart\\_%'"
    ):
        filled.warehouse.query(f"truncate {mart}")
    filled.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    return {kind: page.read(reports.publish(kind, period)[0]) for kind, period in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_known_every_table_says_why_in_every_format(published, empty, kind):
    report = empty[kind]
    html = rendering.html(report)
    for table in report.tables:
        assert table.rows or table.when_empty in html.replace("&#39;", "'"), table.name
    workbook = openpyxl.load_workbook(io.BytesIO(formats.MAKERS["xlsx"](report)))
    texts = {str(cell.value) for sheet in workbook.worksheets for line in sheet.iter_rows() for cell in line if cell.value}
    with zipfile.ZipFile(io.BytesIO(formats.MAKERS["csv"](report))) as archive:
        texts |= {archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    words = re.compile(r"\b(None|nan|NaN|NaT|null|inf)\b")
    assert not words.search(re.sub("<style>.*?</style>", "", html, flags=re.DOTALL))
    assert [text[:80] for text in texts if re.search(r"\b(None|NaN|NaT)\b", text)] == []

"""Names, birth dates and identifiers that were delivered stand in no page: not in the report, the validation pages or the Data
Docs."""

import os
import re
import time
from pathlib import Path

import pytest

from iom_warehouse import reports
from iom_warehouse.platform.settings import PROJECT_DIR

PLANTED = {
    "surname": "Zzyzxwick", "forenames": "Qwertalina", "dob": "1971-07-17", "pncid": "1999/7654321Q", "cro_number": "654321/99Q",
    "postcode": "ZZ99 9ZZ", "police_ref": "PLANTEDREF7",
}  # fmt: skip
GOOD = {"police_ref": "P1", "surname": "Grommet", "forenames": "Ysolde", "dob": "1980-02-03", "sex": "F"}


@pytest.fixture(scope="module")
def pages(shared_reporting) -> dict[Path, str]:
    """Every page there is, after a delivery with good and rejected rows and a refused one, all with planted values."""
    reporting, warehouse = shared_reporting, shared_reporting.warehouse
    warehouse.take(
        "police",
        1,
        {"police_person": [GOOD, PLANTED | {"sex": "Zzyzxwick"}, PLANTED | {"police_ref": "P3", "dob": "1971-77-17"}]},
    )
    warehouse.take("police", 2, {"police_person": "police_ref,surname\nPLANTEDREF7,Zzyzxwick\n"})
    assert warehouse.query("select status from audit.delivery order by 1") == [("published",), ("refused",)]
    reporting.configure(PROJECT_DIR / "partnership")
    reporting.build("2013-10-01", police="fresh")
    folder = warehouse.state / "pages"
    reports.render(reports.publish_quarterly(), folder)
    reports.write_validation_pages(folder / "validation")
    reports.write_data_docs(folder / "data_docs")
    return {path.relative_to(folder): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_no_planted_value_is_in_any_page(pages):
    planted = {*PLANTED.values(), *GOOD.values(), "1971-77-17"} - {"P1", "F"}
    assert {(path, value) for path, text in pages.items() for value in planted if value.lower() in text.lower()} == set()


def test_the_pages_say_what_became_of_the_deliveries(pages):
    assert "Police 2013-10-02.2" in pages[Path("internal/drafts/quarterly-2013-10-01-internal-OFFICIAL-SENSITIVE-1.html")]
    first, second = pages[Path("validation/deliveries/1.html")], pages[Path("validation/deliveries/2.html")]
    assert "police_person.sex.code" in first and "police_person.dob.type" in first
    assert "refused" in second
    rule = pages[Path("validation/rules/police_person.sex.code.html")]
    assert "Failed in 1 of its newest 1 checks" in rule and "police 2013-10-01.1" in rule
    assert Path("data_docs/police.html") in pages
    assert "failed" in pages[Path("data_docs/police.html")]


def test_data_docs_say_what_was_observed(warehouse):
    people = [GOOD, GOOD | {"police_ref": "P2", "sex": "Q"}]
    warehouse.take("police", 1, {"police_person": people})
    page = reports.write_data_docs(warehouse.state / "data_docs").with_name("police.html").read_text("utf-8")
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)))
    assert "None" not in words and "--" not in words and "failed Failed" not in words
    assert "Data asset: 2013-10-01.1 Status: Failed" in words
    assert "(police_person.sex.code, warning) 1 unexpected values found. 50% of 2 total rows. 1 of 2 rows" in words
    assert "(police_person.dob.type, warning) 2 rows looked at" in words
    assert "(police_person.pncid.null_share, info) 2 unexpected values found." in words


def test_no_page_loads_anything(pages):
    assert [path for path, text in pages.items() if "://" in text or "<script" in text or "<link" in text or "<img" in text] == []


def test_links_between_validation_pages_arrive(pages):
    links = [(path, target) for path, text in pages.items() for target in re.findall(r'href="([^"#]+)"', text)]
    assert len(links) > 100
    for path, target in links:
        assert Path(*_parts(path.parent / target)) in pages, (path, target)


def _parts(path: Path) -> list[str]:
    found: list[str] = []
    for part in path.parts:
        if part == "..":
            found.pop()
        else:
            found.append(part)
    return found


def test_pages_of_an_empty_ledger_say_so(reporting):
    folder = reporting.warehouse.state / "pages"
    assert "Nothing was delivered yet." in reports.write_validation_pages(folder / "v").read_text("utf-8")
    assert "No rule of any delivery was decided yet." in reports.write_data_docs(folder / "d").read_text("utf-8")


def test_a_page_is_written_again_when_its_delivery_changes_and_only_then(reporting):
    warehouse = reporting.warehouse
    warehouse.take("police", 1, {"police_person": [GOOD, GOOD | {"police_ref": "P2", "sex": "X"}]})
    folder = warehouse.state / "pages"
    reports.write_validation_pages(folder)
    page = folder / "deliveries" / "1.html"
    in_an_hour = time.time() + 3600
    os.utime(page, (in_an_hour, in_an_hour))
    reports.write_validation_pages(folder)
    assert page.stat().st_mtime == in_an_hour
    warehouse.take("police", 2, {"police_person": [GOOD, GOOD | {"police_ref": "P2"}]})
    warehouse.query("update audit.rejected_row set closed_at = closed_at + interval '2 hours'")
    reports.write_validation_pages(folder)
    assert page.stat().st_mtime < in_an_hour
    assert '<td class="number">1</td><td class="number">1</td><td class="number">0</td></tr>' in page.read_text("utf-8")

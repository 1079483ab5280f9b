"""The report to the agency: what is wrong with each value, for its data officer and nobody else."""

import csv
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from delivery_maker import Warehouse
from prison_rows import people, person, spell

from iom_warehouse.loading import Outcome, history, sender_report
from iom_warehouse.orchestration import summary

FILE = "prison_person"
BEFORE = datetime(2013, 1, 1, tzinfo=UTC)
SCREEN = 1024  # pixels
LONG = "B" * 101
PEOPLE = [
    person(1, dob="2013-02-30"),
    person(2, sex="X", pncid="2001/0000001A"),
    person(3, surname="{1}", forenames=""),
    person(4, dob="2093-02-28"),
    person(5),
    person(5, surname="Birch"),
    person(6, prison_number=""),
]
SPELLS = [
    spell(1, of=9),
    spell(2, of=5, released_on="2012-01-04"),
    spell(3, of=2),
    spell(4, of=7, offence_code="theft", sentence_days="1.5", home_district="FX-Q"),
    spell(5, of=7) | {"booking_ref": LONG},
    spell(6, of=7, home_district="FX-Q"),
]
RELEASE_DATES = [{"booking_ref": "B6", "date_type": "expected", "release_on": "9999-12-31", "calculated_on": "2013-01-01"}]
COMPLAINTS = {  # by rule: the row that breaks it, and what its sender is told
    "prison_person.dob.type": ("1", "dob: 2013-02-30 is not a date such as 2013-10-01."),
    "prison_person.sex.code": ("2", "sex: 'X' is none of M, F, U."),
    "prison_person.pncid.identifier": (
        "2",
        "pncid: '2001/0000001A' is not a PNC identifier with the right check letter, such as 2002/0073319Z.",
    ),
    "prison_person.surname.format": (
        "3",
        "surname: '{1}' is not as agreed. A name has no digits and none of the signs @ # _ /.",
    ),
    "prison_person.dob.plausible": ("4", "dob: 2093-02-28 does not lie between 1 January 1900 and the day of the extract."),
    "prison_person.prison_number.not_null": ("7", "prison_number is empty, and it is part of the key."),
    "prison_spell.prison_number.reference": (
        "1",
        "prison_number A0009BC names no row of prison_person.",
    ),
    "prison_spell.released_on_received_on.order": ("2", "released_on 2012-01-04 is before received_on 2012-01-05."),
    "prison_spell.prison_number.parent_rejected": (
        "3",
        "prison_number A0002BC: that row of prison_person was itself kept back (row 2, rule prison_person.sex.code).",
    ),
    "prison_spell.offence_code.format": ("4", "offence_code: 'theft' is not a Home Office offence code such as 028/03."),
    "prison_spell.sentence_days.type": ("4", "sentence_days: 1.5 is not a whole number."),
    "prison_spell.booking_ref.length": ("5", f"booking_ref: '{LONG}' is longer than 100 characters."),
    "prison_spell.home_district.known": ("6", "home_district: 'FX-Q' is not in the partnership's areas.csv."),
    "prison_release_date.release_on.expected_range": (
        "1",
        "release_on: 9999-12-31 is not as agreed. A release date lies before 2200; a date such as 9999-12-31 says that there is"
        " none and should be left empty.",
    ),
}


def faulty_night(warehouse: Warehouse) -> Outcome:
    """A published delivery with one fault of each kind."""
    warehouse.configure()
    return warehouse.take(
        "prison", 1, {FILE: [*PEOPLE, *people(7)], "prison_spell": SPELLS, "prison_release_date": RELEASE_DATES}
    )


def folder_of(outcome: Outcome) -> Path:
    return sender_report.folder_of(outcome.feed, outcome.folder, outcome.delivery_id)


def lines_of(outcome: Outcome) -> list[dict[str, str]]:
    with (folder_of(outcome) / "rows.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_each_row_is_told_what_is_wrong_with_its_value(warehouse: Warehouse) -> None:
    outcome = faulty_night(warehouse)
    assert outcome.status == "published"
    told = [line for line in lines_of(outcome) if line["row"]]
    rows = {line["rule"]: (line["row"], line["what is wrong"]) for line in told if line["rule"] in COMPLAINTS}
    assert rows == COMPLAINTS
    repeated = [line["what is wrong"] for line in told if line["rule"] == "prison_person.prison_number.unique"]
    assert repeated == ["prison_number A0005BC stands in more than one row of the file."] * 2
    assert all(line["what is wrong"] and line["what to do"] for line in told)
    of_repeated = [line["what to do"] for line in told if line["rule"] == "prison_person.prison_number.unique"]
    assert all("the first was used, and nothing need be done" in remedy for remedy in of_repeated)
    noted = {line["row"]: line["kept back"] for line in told if line["rule"] == "prison_spell.home_district.known"}
    assert noted == {"4": "by another rule", "6": "no"}
    page = (folder_of(outcome) / "report.html").read_text()
    assert "dob: 2013-02-30 is not a date such as 2013-10-01." in page and "not so" not in page
    assert "Kept back: 6 of 8 rows. Only noted: 1." in page


def test_rows_of_a_changes_extract_are_told_of_their_changes(warehouse: Warehouse) -> None:
    case = {"case_ref": "C1", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29"}
    warehouse.take("hub", 1, {"hub_case": [case]})
    rows = [
        {"family_ref": "F1", "case_ref": "C1", "starts_on": "2012-01-01", "change": "Upsert"},
        {"family_ref": "F1", "case_ref": "C1", "change": "delete"},
    ]
    second = warehouse.take("hub", 2, {"hub_family": rows}, base=1)
    assert [line["what is wrong"] for line in lines_of(second)] == [
        "change: 'Upsert' is neither upsert nor delete.",
        "family_ref F1 and case_ref C1 and starts_on nothing cannot be deleted: a part of this key is empty or cannot be read.",
    ]


def test_a_refusal_says_what_is_wrong_with_the_file(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: "prison_number,surname,colour\nA0001BC,Alder,red\n"})
    message = warehouse.findings(outcome.delivery_id)["prison_person.columns"]
    assert message.startswith("prison_person: Its columns are not those of the contract. Missing: ") and "not so" not in message
    assert "Not in the contract: colour. Send the delivery again with a new sequence and exactly these columns" in message
    assert "prison_number, pncid, cro_number, surname" in message, "whoever mends the export sees the whole header"
    assert "; in a changes extract also change." in message
    page = (folder_of(outcome) / "report.html").read_text()
    assert "Why it was refused" in page and "Rows to correct" not in page


def test_a_long_value_is_shown_by_its_beginning(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: [*people(1, 2), person(3, surname="B" * 5000)]})
    (line,) = (line for line in lines_of(outcome) if line["rule"] == "prison_person.surname.length")
    assert line["what is wrong"] == f"surname: '{'B' * 200}…' is longer than 4,000 characters."


def test_a_delivery_with_nothing_wrong_has_no_report(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: people(1)})
    assert sender_report.page_of(outcome.feed, outcome.folder, outcome.delivery_id) is None
    assert not folder_of(outcome).exists()


def test_the_senders_report_says_file_row_column_value_rule_and_what_to_do(warehouse: Warehouse) -> None:
    bad = [person(2, dob="30/02/1980", surname="<script>alert(1)</script>"), person(3, surname="=1+1")]
    first = warehouse.take("prison", 1, {FILE: [person(1), *bad]})
    report = folder_of(first)
    lines = (report / "rows.csv").read_text().splitlines()
    assert lines[0].startswith("file,row,column,value,")
    assert any(
        line.startswith("prison_person,2,dob,30/02/1980,") and line.endswith(",yes,prison_person.dob.type") for line in lines
    )
    assert any(line.startswith("prison_person,3,surname,'=1+1,") and ",no,prison_person.surname.format" in line for line in lines)
    page = (report / "report.html").read_text()
    assert "30/02/1980" in page and "&lt;script&gt;" in page and "<script>" not in page
    assert {path.stat().st_mode & 0o777 for path in report.iterdir()} == {0o600}
    assert report.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium (Debian package chromium)")
def test_the_page_fits_a_small_screen(warehouse: Warehouse, tmp_path: Path) -> None:
    page = (folder_of(faulty_night(warehouse)) / "report.html").read_text()
    probe = tmp_path / "report.html"
    probe.write_text(page.replace("</body>", "<script>document.title = document.documentElement.scrollWidth</script></body>"))
    browser = ["chromium", "--headless", "--no-sandbox", f"--user-data-dir={tmp_path}", f"--window-size={SCREEN},2000"]
    shown = subprocess.run(
        [*browser, "--dump-dom", probe.as_uri()], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert int(re.search("<title>(.*)</title>", shown)[1]) <= SCREEN


def test_engineers_are_told_where_the_report_lies(warehouse: Warehouse) -> None:
    published = faulty_night(warehouse)
    page = warehouse.state / "sender_reports" / "prison" / f"{published.folder}-{published.delivery_id}" / "report.html"
    assert page.exists() and sender_report.page_of("prison", published.folder, published.delivery_id) == page
    assert f"  report for the sender: {page}" in list(history.describe(published.delivery_id))
    told = "\n".join(summary.lines([], BEFORE))
    assert f"    kept back rows of {published.folder}; report for the sender: {page}" in told
    dates = [{"booking_ref": "B1", "date_type": "expected", "release_on": "2013-12-31", "calculated_on": "2013-01-01"}]
    right = warehouse.take("prison", 2, {FILE: people(1), "prison_spell": [spell(1, of=1)], "prison_release_date": dates})
    assert not any("report for the sender" in line for line in history.describe(right.delivery_id))
    assert "kept back rows" not in "\n".join(summary.lines([], BEFORE))

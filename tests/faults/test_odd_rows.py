"""Rows that look dangerous and are stored as sent, and rows that are kept back although they nearly break the load."""

import os

import pytest
from delivery_maker import Warehouse
from prison_rows import people, person

FILE = "prison_person"
MEGABYTE = 1_000_000
HARMLESS = {
    "quotes": 'Al"der',
    "only quotes": '"""',
    "a newline": "Al\nder",
    "a Windows newline": "Al\r\nder",
    "commas": "Alder, Kim",
    "semicolons and comments": "x'; drop schema raw cascade; --",
    "a backslash": "Al\\der\\n",
    "end of copy": "\\.",
    "null in words": "NULL",
    "null of copy": "\\N",
    "percent signs": "%s %(name)s {surname} $1 :name",
    "blanks around": "  Alder ",
    "letters of the world": "Đặng Łukasz 李 \U0001f600",
    "a right-to-left mark": "Al\u202eder",
}


def test_whatever_a_field_holds_is_stored_as_it_was_sent(warehouse: Warehouse) -> None:
    rows = [person(number, ethnicity=text) for number, text in enumerate(HARMLESS.values(), 1)]
    outcome = warehouse.take("prison", 1, {FILE: rows})
    assert outcome.status == "published" and warehouse.rejections(outcome.delivery_id) == []
    assert [text for _, text in warehouse.current(FILE, "prison_number", "ethnicity")] == list(HARMLESS.values())
    again = warehouse.take("prison", 2, {FILE: rows})
    assert warehouse.counts(again.delivery_id, FILE) == {"in_file": len(rows), "unchanged": len(rows)}


def test_a_field_of_fifty_megabytes_is_one_rejected_row(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: [person(1), person(2, ethnicity="x" * 50 * MEGABYTE), person(3)]})
    assert outcome.status == "published"
    assert warehouse.rejections(outcome.delivery_id) == [(FILE, 2, "prison_person.ethnicity.length")]
    assert warehouse.query("select length(content ->> 'ethnicity') from quarantine.rejected_row") == [(100_000,)]
    report = (warehouse.state / "sender_reports" / "prison" / "2013-10-01.1-1" / "rows.csv").read_text()
    assert f",{'x' * 200}…," in report
    assert len(report) < 2_000


def test_a_key_too_long_for_any_index_is_one_rejected_row_and_deletes_nobody(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    outcome = warehouse.take("prison", 2, {FILE: [person(1), person(2, prison_number=os.urandom(5_000).hex())]})
    assert outcome.status == "published"
    assert warehouse.rejections(outcome.delivery_id) == [(FILE, 2, "prison_person.prison_number.length")]
    assert len(warehouse.current(FILE, "prison_number")) == 2


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("dob", "2013-02-30", "dob.type"), ("dob", "1899-12-31", "dob.plausible"), ("dob", "2013-10-02", "dob.plausible"),
        ("dob", "now", "dob.type"), ("dob", "infinity", "dob.type"), ("dob", "20130101", "dob.type"), ("sex", "m", "sex.code"),
        ("sex", " M", "sex.code"),
    ],
)  # fmt: skip
def test_one_odd_value_rejects_its_row_and_names_the_rule(
    shared_warehouse: Warehouse, column: str, value: str, rule: str
) -> None:
    sequence = shared_warehouse.value("select coalesce(max(sequence), 0) + 1 from audit.delivery")
    outcome = shared_warehouse.take(
        "prison",
        sequence,
        {FILE: [person(1), person(2, **{column: value})]},
        business_date="2013-10-01",
        extracted_at="2013-10-01T23:40:00+01:00",
    )
    assert shared_warehouse.rejections(outcome.delivery_id) == [(FILE, 2, f"{FILE}.{rule}")]
    assert shared_warehouse.current(FILE, "prison_number") == [("A0001BC",)]


def test_the_day_of_the_extract_is_that_of_london(warehouse: Warehouse) -> None:
    """23:30 in Greenwich is past midnight in a British summer."""
    rows = [person(1, dob="2013-10-02"), person(2, dob="2013-10-03")]
    outcome = warehouse.take("prison", 1, {FILE: rows}, extracted_at="2013-10-01T23:30:00+00:00")
    assert warehouse.rejections(outcome.delivery_id) == [(FILE, 2, f"{FILE}.dob.plausible")]

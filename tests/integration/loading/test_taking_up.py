"""A row kept back only because the row it refers to was not there returns by itself once that row is right, and then only."""

import csv

import pytest
import valid_rows
from delivery_maker import Row, Warehouse
from prison_rows import people, person, spell

from iom_warehouse import contracts
from iom_warehouse.loading import history, sender_report

PERSON, SPELL, DATE = "prison_person", "prison_spell", "prison_release_date"
BAD = {"dob": "never"}


def release_date(number: int, **more: str) -> Row:
    """A date calculated for the booking Bn."""
    row = {"booking_ref": f"B{number}", "date_type": "expected", "release_on": "2014-01-01", "calculated_on": "2013-01-01"}
    return row | more


def upsert(*rows: Row) -> list[Row]:
    return [row | {"change": "upsert"} for row in rows]


def still_rejected(warehouse: Warehouse) -> list[tuple[str, int, int]]:
    """File, delivery and row of every rejection that stands; what is in quarantine is the same."""
    standing = warehouse.query("select distinct file, delivery_id, row_number from audit.rejected_row where closed_at is null")
    kept = warehouse.query("select file, delivery_id, row_number from quarantine.rejected_row")
    assert sorted(standing) == sorted(kept)
    return sorted(kept)


def closures(warehouse: Warehouse, file: str) -> list[tuple]:
    return warehouse.query(
        "select closure, closed_by_delivery from audit.rejected_row where file = %s order by rejection_id", file
    )


@pytest.fixture
def kept_back(warehouse: Warehouse) -> Warehouse:
    """After a first night on which person 2 was wrong, and so their spell and its release date were kept back."""
    files = {PERSON: [person(1), person(2, **BAD)], SPELL: [spell(1, of=1), spell(2, of=2)], DATE: [release_date(2)]}
    warehouse.take("prison", 1, files)
    assert still_rejected(warehouse) == [(PERSON, 1, 2), (DATE, 1, 1), (SPELL, 1, 2)]
    return warehouse


def test_children_and_theirs_return_with_the_parent(kept_back: Warehouse) -> None:
    second = kept_back.take("prison", 2, {PERSON: upsert(person(2))}, base=1)
    versions = "booking_ref, opened_by_sequence, recorded_from = d.extracted_at"
    for file in (SPELL, DATE):
        assert kept_back.query(
            f"select {versions} from raw.{file} cross join audit.delivery d where booking_ref = 'B2' and d.delivery_id = 2"
        ) == [("B2", 2, True)]
        assert kept_back.counts(second.delivery_id, file) == {"taken_up": 1}
        assert closures(kept_back, file) == [("corrected", second.delivery_id)]
    assert still_rejected(kept_back) == []
    assert "  prison_spell: 0 rows; 1 kept back earlier taken up" in list(history.describe(second.delivery_id))
    third = kept_back.take("prison", 3, {PERSON: upsert(person(1, surname="Birch"))}, base=2)
    assert kept_back.counts(third.delivery_id, SPELL) == {}, "once is enough"


def test_a_row_that_came_before_the_one_it_refers_to(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {PERSON: people(1)})
    warehouse.take("prison", 2, {SPELL: upsert(spell(2, of=2), spell(3, of=3))}, base=1)
    warehouse.take("prison", 3, {PERSON: upsert(person(2))}, base=2)
    assert warehouse.current(SPELL, "booking_ref", "opened_by_sequence") == [("B2", 3)]
    assert still_rejected(warehouse) == [(SPELL, 2, 2)], "the third person never came"


def test_a_row_of_the_delivery_itself_that_refers_to_one_taken_up(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {PERSON: people(1)})
    warehouse.take("prison", 2, {SPELL: upsert(spell(2, of=2))}, base=1)
    third = warehouse.take("prison", 3, {PERSON: upsert(person(2)), DATE: upsert(release_date(2))}, base=2)
    assert warehouse.counts(third.delivery_id, DATE) == {"in_file": 1, "rejected": 1, "taken_up": 1}
    assert warehouse.current(DATE, "booking_ref") == [("B2",)] and still_rejected(warehouse) == []
    assert sender_report.page_of("prison", third.folder, third.delivery_id) is None, "nothing is left for the sender to correct"


def test_the_sender_is_told_of_the_rows_of_a_delivery_that_are_still_kept_back(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {PERSON: people(1)})
    warehouse.take("prison", 2, {SPELL: upsert(spell(2, of=2))}, base=1)
    dates = upsert(release_date(2), release_date(3))
    third = warehouse.take("prison", 3, {PERSON: upsert(person(2)), DATE: dates}, base=2)
    report = sender_report.folder_of("prison", third.folder, third.delivery_id)
    with (report / "rows.csv").open(encoding="utf-8") as lines:
        assert [(line["file"], line["row"]) for line in csv.DictReader(lines)] == [(DATE, "2")], "there is no booking 3"
    assert "Kept back: 1 of 2 rows" in (report / "report.html").read_text(encoding="utf-8")


def test_the_last_good_version_of_a_parent_is_not_the_right_one(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {PERSON: people(1, 2), SPELL: [spell(1, of=1), spell(2, of=2)]})
    changed = spell(2, of=2, released_on="2012-04-01")
    warehouse.take("prison", 2, {PERSON: upsert(person(2, **BAD)), SPELL: upsert(changed, spell(3, of=2))}, base=1)
    warehouse.take("prison", 3, {PERSON: upsert(person(1, surname="Birch"))}, base=2)
    assert still_rejected(warehouse) == [(PERSON, 2, 1), (SPELL, 2, 1), (SPELL, 2, 2)]
    fourth = warehouse.take("prison", 4, {PERSON: upsert(person(2))}, base=3)
    assert warehouse.counts(fourth.delivery_id, SPELL) == {"taken_up": 2}
    assert [(str(day), sequence) for day, sequence in warehouse.current(SPELL, "released_on", "opened_by_sequence")] == [
        ("2012-03-01", 1),
        ("2012-03-01", 4),
        ("2012-04-01", 4),
    ]


def test_a_parent_that_was_repeated_since_is_there_all_the_same(warehouse: Warehouse) -> None:
    contract = contracts.get("police")
    files = ("police_person", "police_crime", "police_suspect")
    rows = {name: valid_rows.rows(contract, contract.file(name), 2) for name in files}
    suspect, crime = rows["police_suspect"][1], rows["police_crime"][1]
    warehouse.take("police", 1, {"police_person": rows["police_person"]})
    warehouse.take("police", 2, {"police_person": [*rows["police_person"], *rows["police_person"]]})
    third = warehouse.take("police", 3, {"police_suspect": upsert(suspect)}, base=2)
    assert warehouse.counts(third.delivery_id, "police_suspect") == {"in_file": 1, "rejected": 1}, "the crime is not there"
    fourth = warehouse.take("police", 4, {"police_crime": upsert(crime)}, base=3)
    assert warehouse.counts(fourth.delivery_id, "police_suspect") == {"taken_up": 1}
    assert still_rejected(warehouse) == []


def test_a_row_that_was_sent_again_since_is_the_newer_one(kept_back: Warehouse) -> None:
    newer = spell(2, of=2, released_on="2012-04-01")
    second = kept_back.take("prison", 2, {PERSON: upsert(person(2)), SPELL: upsert(newer)}, base=1)
    assert kept_back.counts(second.delivery_id, SPELL) == {"in_file": 1, "new": 1}
    ((released_on,),) = kept_back.query("select released_on from raw.prison_spell where booking_ref = 'B2'")
    assert str(released_on) == "2012-04-01"


def test_a_row_that_was_sent_again_and_is_wrong_itself_stays(kept_back: Warehouse) -> None:
    kept_back.take("prison", 2, {SPELL: upsert(spell(2, of=2, released_on="2012-01-01"))}, base=1)
    kept_back.take("prison", 3, {PERSON: upsert(person(2))}, base=2)
    assert kept_back.current(SPELL, "booking_ref") == [("B1",)]
    assert still_rejected(kept_back) == [(DATE, 1, 1), (SPELL, 2, 1)], "and what refers to it stays with it"
    kept_back.take("prison", 4, {SPELL: upsert(spell(2, of=2))}, base=3)
    assert kept_back.current(DATE, "booking_ref", "opened_by_sequence") == [("B2", 4)] and still_rejected(kept_back) == []


def test_a_row_that_was_deleted_since_stays_away(kept_back: Warehouse) -> None:
    kept_back.take("prison", 2, {SPELL: [{"booking_ref": "B2", "prison_number": "A0002BC", "change": "delete"}]}, base=1)
    third = kept_back.take("prison", 3, {PERSON: upsert(person(2))}, base=2)
    assert kept_back.current(SPELL, "booking_ref") == [("B1",)] and kept_back.counts(third.delivery_id, SPELL) == {}
    assert still_rejected(kept_back) == [(DATE, 1, 1)]


def test_a_full_extract_sends_the_row_anyway(kept_back: Warehouse) -> None:
    files = {PERSON: people(1, 2), SPELL: [spell(1, of=1), spell(2, of=2)], DATE: [release_date(2)]}
    second = kept_back.take("prison", 2, files)
    assert kept_back.counts(second.delivery_id, SPELL) == {"in_file": 2, "unchanged": 1, "new": 1}
    assert still_rejected(kept_back) == []


def test_what_a_full_extract_keeps_back_does_not_return_with_it(warehouse: Warehouse) -> None:
    """Its person is missing but stays current, since nothing counts as gone where a key cannot be read."""
    warehouse.take("prison", 1, {PERSON: people(1, 2), SPELL: [spell(1, of=1)]})
    unreadable = [person(1), person(3, prison_number="")]
    second = warehouse.take("prison", 2, {PERSON: unreadable, SPELL: [spell(1, of=1), spell(2, of=2)]})
    assert warehouse.counts(second.delivery_id, SPELL) == {"in_file": 2, "unchanged": 1, "rejected": 1}


def test_every_type_of_value_and_files_that_do_not_come(warehouse: Warehouse) -> None:
    """What is taken up is what a full extract of the same rows finds unchanged."""
    contract = contracts.get("police")
    right = {file.name: valid_rows.rows(contract, file, 2) for file in contract.files}
    parent = right["police_person"][1]
    wrong = [right["police_person"][0], parent | {"dob": "never"}]
    warehouse.take("police", 1, right | {"police_person": wrong})
    children = [file.name for file in contract.files if any(r.parent_file == "police_person" for r in file.references)]
    assert {"police_alias", "police_charge", "police_suspect"} <= set(children)
    second = warehouse.take("police", 2, {"police_person": upsert(parent)}, base=1)
    assert {file: warehouse.counts(second.delivery_id, file) for file in children} == {file: {"taken_up": 1} for file in children}
    assert warehouse.query("select sha256 from audit.file_load where file = 'police_alias' and delivery_id = 2") == [(None,)]
    third = warehouse.take("police", 3, right)
    assert {file: warehouse.counts(third.delivery_id, file) for file in right} == {
        file: {"in_file": 2, "unchanged": 2} for file in right
    }


def test_a_file_that_did_not_come_is_no_measure_of_the_next(warehouse: Warehouse) -> None:
    """What a full extract takes up of an optional file that it leaves out has no rows of its own to be compared with."""
    contract = contracts.get("police")
    parents, aliases = (valid_rows.rows(contract, contract.file(name), 101) for name in ("police_person", "police_alias"))
    wrong = [*parents[:100], parents[100] | {"dob": "never"}]
    warehouse.take("police", 1, {"police_person": wrong, "police_alias": aliases})
    second = warehouse.take("police", 2, {"police_person": parents})
    assert warehouse.counts(second.delivery_id, "police_alias") == {"taken_up": 1}
    third = warehouse.take("police", 3, {"police_person": parents, "police_alias": aliases[:10]})
    assert third.status == "refused" and "police_alias.row_count" in warehouse.findings(third.delivery_id)

"""What a published delivery leaves in raw: one version for what is new or changed, none for what is as it was."""

from datetime import UTC, datetime

import pytest
from delivery_maker import Warehouse, extracted_at
from prison_rows import people, person, spell
from psycopg2.errors import InsufficientPrivilege

from iom_warehouse import loading
from iom_warehouse.loading import publishing
from iom_warehouse.platform import database

FILE = "prison_person"


def versions(warehouse: Warehouse) -> list[tuple]:
    """Person, opened by, closed by; every version."""
    return warehouse.query(f"select prison_number, opened_by_sequence, closed_by_sequence from raw.{FILE} order by 1, 2")


def test_first_full_delivery_opens_a_version_of_every_row(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: people(1, 2), "prison_spell": [spell(1, of=1)]})
    assert outcome.status == "published"
    assert versions(warehouse) == [("A0001BC", 1, None), ("A0002BC", 1, None)]
    assert warehouse.current("prison_spell", "booking_ref", "received_on::text", "released_on::text") == [
        ("B1", "2012-01-05", "2012-03-01")
    ]
    assert warehouse.counts(outcome.delivery_id, FILE) == {"in_file": 2, "new": 2}


def test_a_row_that_has_not_changed_writes_nothing(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    before = warehouse.query(f"select ctid, xmin, * from raw.{FILE} order by prison_number")
    second = warehouse.take("prison", 2, {FILE: people(1, 2)})
    assert warehouse.query(f"select ctid, xmin, * from raw.{FILE} order by prison_number") == before
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 2, "unchanged": 2}


def test_changed_new_and_gone_rows_carry_the_deliveries_and_moments_that_opened_and_closed_them(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2, 3)})
    second = warehouse.take("prison", 2, {FILE: [person(1), person(2, surname="Birch"), person(4)]})
    assert versions(warehouse) == [
        ("A0001BC", 1, None),
        ("A0002BC", 1, 2),
        ("A0002BC", 2, None),
        ("A0003BC", 1, 2),
        ("A0004BC", 2, None),
    ]
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 3, "unchanged": 1, "new": 1, "changed": 1, "gone": 1}
    first_night, second_night = extracted_at(1), extracted_at(2)
    assert warehouse.query(
        f"select recorded_from, recorded_to, surname from raw.{FILE} where prison_number = 'A0002BC' order by 1"
    ) == [
        (first_night, second_night, "Alder"),
        (second_night, None, "Birch"),
    ]


def test_a_value_that_becomes_empty_or_is_filled_in_is_a_change(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1, ethnicity=""), person(2, ethnicity="White")]})
    second = warehouse.take("prison", 2, {FILE: [person(1, ethnicity="White"), person(2, ethnicity="")]})
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 2, "changed": 2}


def test_a_row_that_went_and_comes_back_is_a_new_version(warehouse: Warehouse) -> None:
    for sequence, numbers in enumerate([(1, 2), (1,), (1, 2)], 1):
        warehouse.take("prison", sequence, {FILE: people(*numbers)})
    assert versions(warehouse) == [("A0001BC", 1, None), ("A0002BC", 1, 2), ("A0002BC", 3, None)]


def test_changes_touch_only_what_they_name(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2, 3, 4)})
    rows = [
        person(1, surname="Birch", change="upsert"),
        person(2, change="upsert"),
        {"prison_number": "A0003BC", "change": "delete"},
        {"prison_number": "A0009BC", "change": "delete"},
        person(5, change="upsert"),
    ]
    second = warehouse.take("prison", 2, {FILE: rows}, base=1)
    assert warehouse.current(FILE, "prison_number", "surname") == [
        ("A0001BC", "Birch"),
        ("A0002BC", "Alder"),
        ("A0004BC", "Alder"),
        ("A0005BC", "Alder"),
    ]
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 5, "new": 1, "changed": 1, "deleted": 1, "unchanged": 2}


def test_changes_before_anything_was_published_are_refused(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {FILE: [person(1, change="upsert")]}, base=1)
    assert outcome.status == "refused"
    assert set(warehouse.findings(outcome.delivery_id)) == {"delivery.base_sequence"}


def test_a_reference_in_changes_may_name_what_is_current(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    spells = [spell(1, of=1, change="upsert"), spell(2, of=7, change="upsert"), spell(3, of=2, change="upsert")]
    deletion = {"prison_number": "A0002BC", "change": "delete"}
    second = warehouse.take("prison", 2, {FILE: [deletion], "prison_spell": spells}, base=1)
    assert warehouse.current("prison_spell", "booking_ref") == [("B1",)]
    rule = "prison_spell.prison_number.reference"
    assert warehouse.rejections(second.delivery_id) == [("prison_spell", 2, rule), ("prison_spell", 3, rule)]


def test_a_reference_in_a_full_delivery_names_a_row_of_the_same_delivery(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2), "prison_spell": [spell(1, of=2)]})
    second = warehouse.take("prison", 2, {FILE: people(1), "prison_spell": [spell(1, of=2)]})
    assert warehouse.rejections(second.delivery_id) == [("prison_spell", 1, "prison_spell.prison_number.reference")]


def test_a_corrected_delivery_of_the_same_night_replaces_what_was_wrong(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    night = datetime(2013, 10, 2, 7, 0, tzinfo=UTC)
    again = warehouse.take("prison", 2, {FILE: people(1)}, business_date="2013-10-01", extracted_at=night.isoformat())
    assert again.folder == "2013-10-01.2"
    assert warehouse.current(FILE, "prison_number") == [("A0001BC",)]
    assert warehouse.query("select business_date::text, sequence from audit.delivery order by sequence") == [
        ("2013-10-01", 1),
        ("2013-10-01", 2),
    ]


@pytest.mark.parametrize("sequence", [2, 5])
def test_skipped_sequences_are_noted_once(warehouse: Warehouse, sequence: int) -> None:
    warehouse.take("prison", 1, {FILE: people(1)})
    folder = warehouse.deliver("prison", sequence, {FILE: people(1)})
    for _ in range(2):
        delivery_id = loading.receive("prison", folder).delivery_id
    assert warehouse.load("prison", folder).status == "published"
    noted = warehouse.query("select rule_id, severity from audit.delivery_finding where delivery_id = %s", delivery_id)
    assert noted == ([("delivery.skipped", "info")] if sequence > 2 else [])


def test_an_optional_file_that_is_absent_stays_as_it_was(warehouse: Warehouse) -> None:
    person_row = {"police_ref": "P1", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29"}
    alias = {"alias_ref": "AL1", "police_ref": "P1", "surname": "Birch"}
    warehouse.take("police", 1, {"police_person": [person_row], "police_alias": [alias]})
    second = warehouse.take("police", 2, {"police_person": [person_row]})
    assert warehouse.current("police_alias", "alias_ref") == [("AL1",)]
    assert (
        warehouse.value(
            "select count(*) from audit.file_load where delivery_id = %s and file = 'police_alias'", second.delivery_id
        )
        == 0
    )
    third = warehouse.take("police", 3, {"police_person": [person_row], "police_alias": []})
    assert warehouse.current("police_alias", "alias_ref") == []
    assert warehouse.counts(third.delivery_id, "police_alias") == {"gone": 1}


def test_a_large_first_load_gets_its_indexes_after_its_rows(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "LARGE", 2)
    index = "select indexdef, indisvalid from pg_indexes join pg_index on indexrelid = ('raw.' || indexname)::regclass" + (
        f" where schemaname = 'raw' and tablename = '{FILE}' order by indexname"
    )
    made_with_the_table = warehouse.query(index)
    assert len(made_with_the_table) == 4
    warehouse.take("prison", 1, {FILE: people(1, 2, 3)})
    assert [definition.split()[-1] for definition, _ in warehouse.query(index)] == ["NULL)", "NULL)"]  # for loading only
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select raw.make_build_indexes(%s, %s)", (FILE, ["prison_number"]))
    assert warehouse.query(index) == made_with_the_table
    warehouse.take("prison", 2, {FILE: people(1, 2)})
    assert versions(warehouse) == [("A0001BC", 1, None), ("A0002BC", 1, None), ("A0003BC", 1, 2)]


def test_a_large_first_load_that_is_ended_leaves_the_table_as_it_was(warehouse: Warehouse) -> None:
    index = f"select indexdef from pg_indexes where schemaname = 'raw' and tablename = '{FILE}'"
    made_with_the_table = warehouse.query(index)
    with database.session("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select raw.drop_indexes(%s)", (FILE,))
        assert cursor.fetchone() == (True,)
        conn.rollback()
    assert warehouse.query(index) == made_with_the_table


def test_the_index_of_a_table_with_rows_stays(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1)})
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select raw.drop_indexes(%s)", (FILE,))
        assert cursor.fetchone() == (False,)
    assert warehouse.value(f"select count(*) from pg_indexes where tablename = '{FILE}'") == 4
    assert versions(warehouse) == [("A0001BC", 1, None)]


def test_a_file_that_comes_empty_withdraws_all_and_says_so(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    second = warehouse.take("prison", 2, {FILE: []})
    assert warehouse.counts(second.delivery_id, FILE) == {"gone": 2}
    assert "all 2 rows that were current are withdrawn" in warehouse.findings(second.delivery_id)[f"{FILE}.emptied"]


def test_builds_have_no_index_on_what_they_may_not_read(warehouse: Warehouse) -> None:
    with database.transaction("transformer") as conn, conn.cursor() as cursor, pytest.raises(InsufficientPrivilege):
        cursor.execute("select raw.make_build_indexes(%s, %s)", (FILE, ["surname"]))

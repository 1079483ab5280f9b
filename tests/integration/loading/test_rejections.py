"""Rejected rows: what stays in use, what waits in quarantine, and how a rejection ends."""

import pytest
from delivery_maker import Row, Warehouse
from prison_rows import people, person, spell

from iom_warehouse.loading import history, sender_report

FILE = "prison_person"
DOB = "prison_person.dob.type"


def closures(warehouse: Warehouse) -> list[tuple]:
    """Row number, rule, closure and the sequence that closed it, of every rejection."""
    return warehouse.query(
        "select r.row_number, r.rule_id, r.closure, d.sequence from audit.rejected_row r"
        " left join audit.delivery d on d.delivery_id = r.closed_by_delivery order by r.rejection_id"
    )


def quarantined(warehouse: Warehouse) -> list[tuple]:
    return warehouse.query("select delivery_id, row_number, key from quarantine.rejected_row order by 1, 2")


def test_a_rejected_row_leaves_its_last_good_version_in_place(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    second = warehouse.take("prison", 2, {FILE: [person(1, surname="Birch"), person(2, surname="Birch", dob="1980-02-30")]})
    assert warehouse.current(FILE, "prison_number", "surname") == [("A0001BC", "Birch"), ("A0002BC", "Alder")]
    assert warehouse.rejections(second.delivery_id) == [(FILE, 2, DOB)]
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 2, "changed": 1, "rejected": 1}
    assert warehouse.query("select file, row_number, key, content ->> 'dob' from quarantine.rejected_row") == [
        (FILE, 2, '["A0002BC"]', "1980-02-30")
    ]


def test_a_row_that_breaks_several_rules_is_one_rejected_row(warehouse: Warehouse) -> None:
    first = warehouse.take("prison", 1, {FILE: [person(1), person(2, dob="nineteen eighty", sex="X")]})
    assert warehouse.rejections(first.delivery_id) == [(FILE, 2, DOB), (FILE, 2, "prison_person.sex.code")]
    assert warehouse.counts(first.delivery_id, FILE) == {"in_file": 2, "new": 1, "rejected": 1}


def test_a_rule_of_severity_info_notes_the_row_and_lets_it_through(warehouse: Warehouse) -> None:
    first = warehouse.take("prison", 1, {FILE: [person(1, pncid="2001/0000001A")]})
    assert warehouse.current(FILE, "pncid") == [("2001/0000001A",)]
    assert warehouse.rejections(first.delivery_id) == []
    result = "select success, unexpected_count from audit.validation_result where rule_id = 'prison_person.pncid.identifier'"
    assert warehouse.query(result) == [(False, 1)]


def test_a_column_of_which_no_value_is_readable_rejects_every_row(warehouse: Warehouse) -> None:
    first = warehouse.take("prison", 1, {FILE: people(1, 2, dob="29/02/1980")})
    assert warehouse.counts(first.delivery_id, FILE) == {"in_file": 2, "rejected": 2}
    assert warehouse.rejections(first.delivery_id) == [(FILE, 1, DOB), (FILE, 2, DOB)]


def test_with_an_unreadable_key_nothing_is_taken_as_gone(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2, 3)})
    second = warehouse.take("prison", 2, {FILE: [person(1), person(2, prison_number="")]})
    assert warehouse.current(FILE, "prison_number") == [("A0001BC",), ("A0002BC",), ("A0003BC",)]
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 2, "unchanged": 1, "rejected": 1}
    assert "no row was taken as deleted" in warehouse.findings(second.delivery_id)["prison_person.gone"]
    third = warehouse.take("prison", 3, {FILE: people(1)})
    assert warehouse.counts(third.delivery_id, FILE) == {"in_file": 1, "unchanged": 1, "gone": 2}


def test_a_key_of_another_type_that_cannot_be_read_keeps_everything_too(warehouse: Warehouse) -> None:
    case = {"case_ref": "C1", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29", "district": "north"}
    families = [{"family_ref": f"F{number}", "case_ref": "C1", "starts_on": f"2012-0{number}-01"} for number in (1, 2)]
    warehouse.take("hub", 1, {"hub_case": [case], "hub_family": families})
    broken = [families[0] | {"starts_on": "2012-13-01"}]
    second = warehouse.take("hub", 2, {"hub_case": [case], "hub_family": broken})
    assert warehouse.counts(second.delivery_id, "hub_family") == {"in_file": 1, "rejected": 1}
    assert len(warehouse.current("hub_family", "family_ref")) == 2


PLAN = {"booking_ref": "B1", "date_type": "expected", "release_on": "2014-01-01", "calculated_on": "2013-01-01"}
FAMILY = {"family_ref": "F1", "case_ref": "C1", "starts_on": "2012-01-01"}
CASE = {"case_ref": "C1", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29", "district": "north"}


@pytest.mark.parametrize(
    ("feed", "file", "right", "wrong", "beside"),
    [
        ("prison", "prison_release_date", PLAN, {"date_type": "Expected"}, {FILE: people(1), "prison_spell": [spell(1, of=1)]}),
        ("prison", "prison_spell", spell(1, of=1), {"booking_ref": "B" * 101}, {FILE: people(1)}),
        ("hub", "hub_family", FAMILY, {"starts_on": "3012-01-01"}, {"hub_case": [CASE]}),
    ],
)
def test_a_key_that_is_itself_wrong_keeps_everything_too(
    warehouse: Warehouse, feed: str, file: str, right: Row, wrong: Row, beside: dict[str, list[Row]]
) -> None:
    """Nobody knows that it is not the row of last night, so that row is not taken as deleted."""
    warehouse.take(feed, 1, beside | {file: [right]})
    second = warehouse.take(feed, 2, beside | {file: [right | wrong]})
    assert warehouse.counts(second.delivery_id, file) == {"in_file": 1, "rejected": 1}
    third = warehouse.take(feed, 3, beside | {file: []})
    assert warehouse.counts(third.delivery_id, file) == {"gone": 1}


def test_a_rejected_parent_rejects_its_children_and_theirs(warehouse: Warehouse) -> None:
    files = {
        FILE: [person(1), person(2, dob="never")],
        "prison_spell": [spell(1, of=1), spell(2, of=2)],
        "prison_release_date": [
            {"booking_ref": f"B{number}", "date_type": "expected", "release_on": "2014-01-01", "calculated_on": "2013-01-01"}
            for number in (1, 2)
        ],
    }
    first = warehouse.take("prison", 1, files)
    assert warehouse.rejections(first.delivery_id) == [
        (FILE, 2, DOB),
        ("prison_release_date", 2, "prison_release_date.booking_ref.parent_rejected"),
        ("prison_spell", 2, "prison_spell.prison_number.parent_rejected"),
    ]
    lines = list(history.describe(first.delivery_id))
    why = "The row of prison_person that prison_number names is right."
    assert f"  rule prison_spell.prison_number.parent_rejected kept back 1 row: {why}" in lines
    assert not any(f"{DOB} kept back" in line for line in lines), "said already: it is a rule of the contract, and failed"
    second = warehouse.take("prison", 2, files | {FILE: people(1, 2)})
    assert warehouse.current("prison_release_date", "booking_ref") == [("B1",), ("B2",)]
    assert {closure for _, _, closure, _ in closures(warehouse)} == {"corrected"}
    assert warehouse.rejections(second.delivery_id) == []


def test_a_child_is_deleted_although_its_parent_is_rejected(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1), "prison_spell": [spell(1, of=1)]})
    changes = {
        FILE: [person(1, dob="never", change="upsert")],
        "prison_spell": [{"booking_ref": "B1", "prison_number": "A0001BC", "change": "delete"}],
    }
    second = warehouse.take("prison", 2, changes, base=1)
    assert warehouse.counts(second.delivery_id, "prison_spell") == {"in_file": 1, "deleted": 1}


def test_of_exact_duplicates_the_first_counts_and_of_differing_ones_none(warehouse: Warehouse) -> None:
    rows = [person(1), person(1), person(2), person(2, surname="Birch"), person(3), person(1)]
    first = warehouse.take("prison", 1, {FILE: rows})
    assert warehouse.current(FILE, "prison_number") == [("A0001BC",), ("A0003BC",)]
    unique = "prison_person.prison_number.unique"
    assert warehouse.rejections(first.delivery_id) == [(FILE, number, unique) for number in (2, 3, 4, 6)]
    assert warehouse.counts(first.delivery_id, FILE) == {"in_file": 6, "new": 2, "rejected": 4}
    assert sorted(closures(warehouse)) == [
        (2, unique, "repeated", 1), (3, unique, None, None), (4, unique, None, None), (6, unique, "repeated", 1),
    ]  # fmt: skip
    page = sender_report.page_of("prison", first.folder, first.delivery_id)
    assert page and "Kept back: 4 of 6 rows" in page.read_text("utf-8"), "the sender is told of repetitions all the same"


def test_a_rejection_is_closed_when_the_row_is_sent_right(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1), person(2, dob="never")]})
    assert closures(warehouse) == [(2, DOB, None, None)]
    warehouse.take("prison", 2, {FILE: people(1, 2)})
    assert closures(warehouse) == [(2, DOB, "corrected", 2)]
    assert warehouse.current(FILE, "prison_number") == [("A0001BC",), ("A0002BC",)]
    assert quarantined(warehouse) == []


def test_a_rejection_is_closed_when_the_row_is_rejected_again(warehouse: Warehouse) -> None:
    for sequence in (1, 2):
        warehouse.take("prison", sequence, {FILE: [person(1), person(2, dob="never")]})
    assert closures(warehouse) == [(2, DOB, "rejected_again", 2), (2, DOB, None, None)]
    assert quarantined(warehouse) == [(2, 2, '["A0002BC"]')]


def test_a_rejection_is_withdrawn_when_a_full_delivery_no_longer_has_the_row(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1), person(2, dob="never"), person(3, prison_number="")]})
    warehouse.take("prison", 2, {FILE: people(1)})
    assert {(number, closure) for number, _, closure, _ in closures(warehouse)} == {(2, "withdrawn"), (3, "withdrawn")}


def test_a_row_without_a_key_stays_rejected_while_such_rows_come(warehouse: Warehouse) -> None:
    for sequence in (1, 2):
        warehouse.take("prison", sequence, {FILE: [person(1), person(2, prison_number="")]})
    not_null = "prison_person.prison_number.not_null"
    assert closures(warehouse) == [(2, not_null, "rejected_again", 2), (2, not_null, None, None)]


def test_changes_close_only_rejections_of_rows_that_they_name(warehouse: Warehouse) -> None:
    bad = [person(number, dob="never") for number in (2, 3, 4)]
    warehouse.take("prison", 1, {FILE: [person(1), *bad]})
    changes = [person(2, change="upsert"), {"prison_number": "A0003BC", "change": "delete"}]
    warehouse.take("prison", 2, {FILE: changes}, base=1)
    assert closures(warehouse) == [(2, DOB, "corrected", 2), (3, DOB, "withdrawn", 2), (4, DOB, None, None)]


def test_changes_need_a_known_kind_and_a_key_to_delete_by(warehouse: Warehouse) -> None:
    case = {"case_ref": "C1", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29", "district": "north"}
    family = {"family_ref": "F1", "case_ref": "C1", "starts_on": "2012-01-01"}
    warehouse.take("hub", 1, {"hub_case": [case], "hub_family": [family]})
    rows = [
        family | {"change": "Upsert"},
        {"family_ref": "F1", "case_ref": "C1", "change": "delete"},
        {"family_ref": "F1", "case_ref": "C1", "starts_on": "2012-01-32", "change": "delete"},
        family | {"family_ref": "F2", "change": ""},
    ]
    second = warehouse.take("hub", 2, {"hub_family": rows}, base=1)
    assert [(number, rule) for _, number, rule in warehouse.rejections(second.delivery_id)] == [
        (1, "hub_family.change.code"),
        (2, "hub_family.change.key"),
        (3, "hub_family.change.key"),
        (4, "hub_family.change.code"),
    ]
    assert len(warehouse.current("hub_family", "family_ref")) == 1


def test_a_file_of_which_more_than_half_is_wrong_is_refused(warehouse: Warehouse) -> None:
    rows = [person(number, dob="never" if number > 9 else "1980-02-29") for number in range(1, 21)]
    outcome = warehouse.take("prison", 1, {FILE: rows})
    assert outcome.status == "refused"
    assert "11 of 20 rows" in warehouse.findings(outcome.delivery_id)["prison_person.rejected_share"]
    assert warehouse.rejections(outcome.delivery_id) == [] and quarantined(warehouse) == []

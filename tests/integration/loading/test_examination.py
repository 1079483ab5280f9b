"""Only rows of a full file that are not known to be right are examined; what comes of a delivery is the same as if all were."""

import itertools
import random

import pytest
from cluster import own_warehouse
from delivery_maker import Warehouse
from prison_rows import Row, people, person, spell

from iom_warehouse import loading
from iom_warehouse.loading import examination, rejections

FILE = "prison_person"
NOT_A_PNC = {"pncid": "2001/1234567A"}  # of the wrong check letter, which is noted


def examined(warehouse: Warehouse, sequence: int, files: dict[str, list[Row]], file: str = FILE) -> int:
    """Load a delivery; returns how many rows of a file were examined."""
    delivery_id = loading.land(loading.receive("prison", warehouse.deliver("prison", sequence, files)).delivery_id).delivery_id
    count = warehouse.value(f"select count(*) from landing.{file}_{delivery_id}_typed")
    assert loading.publish(delivery_id).status == "published"
    return count


def test_rows_that_are_as_they_were_are_not_examined_again(warehouse: Warehouse) -> None:
    assert examined(warehouse, 1, {FILE: people(1, 2, 3)}) == 3
    assert examined(warehouse, 2, {FILE: [*people(1, 2), person(3, surname="Birch"), person(4)]}) == 2
    assert examined(warehouse, 3, {FILE: [*people(1, 2), person(3, surname="Birch")]}) == 0
    assert warehouse.value("select closed_by_sequence from raw.prison_person where prison_number = 'A0004BC'") == 3


def test_an_empty_field_is_not_a_field_that_is_left_of_it(warehouse: Warehouse) -> None:
    """The text of a whole row is the same in both; the fields are not."""
    examined(warehouse, 1, {FILE: [person(1, surname="Alder", forenames="")]})
    assert examined(warehouse, 2, {FILE: [person(1, surname="", forenames="Alder")]}) == 1


def test_a_row_that_is_noted_is_noted_every_night(warehouse: Warehouse) -> None:
    for sequence in (1, 2, 3):
        assert examined(warehouse, sequence, {FILE: [person(1, **NOT_A_PNC), *people(2, 3)]}) == (3 if sequence == 1 else 1)
    assert (
        warehouse.query(
            "select element_count, unexpected_count from audit.validation_result where rule_id = 'prison_person.pncid.identifier'"
        )
        == [(3, 1)] * 3
    )


def test_where_more_are_noted_than_written_down_all_are_examined(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejections, "MOST_NOTED_ROWS", 1)
    rows = [person(1, **NOT_A_PNC), person(2, **NOT_A_PNC), person(3)]
    examined(warehouse, 1, {FILE: rows})
    assert examined(warehouse, 2, {FILE: rows}) == 3


def test_other_rules_let_every_row_be_examined_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    examined(warehouse, 1, {FILE: people(1, 2, 3)})
    monkeypatch.setattr(examination, "rules_in_force", lambda conn, file: 2013)
    assert examined(warehouse, 2, {FILE: people(1, 2, 3)}) == 3
    assert examined(warehouse, 3, {FILE: people(1, 2, 3)}) == 0
    assert warehouse.query("select distinct opened_by_sequence, closed_by_sequence from raw.prison_person") == [(1, None)]


def test_a_check_letter_that_is_worked_out_anew_is_another_rule(warehouse: Warehouse) -> None:
    letter = warehouse.value("select identifiers.check_letter(011234567)")
    rows = [person(1, pncid=f"2001/1234567{letter}"), person(2)]
    examined(warehouse, 1, {FILE: rows})
    assert examined(warehouse, 2, {FILE: rows}) == 0
    warehouse.query("create or replace function identifiers.is_valid_pnc(value text) returns boolean language sql immutable"
                    " parallel safe return case when value is not null then false end")  # fmt: skip
    assert examined(warehouse, 3, {FILE: rows}) == 2
    assert warehouse.value("select unexpected_count from audit.validation_result where rule_id = 'prison_person.pncid.identifier'"
                           " order by delivery_id desc limit 1") == 1  # fmt: skip


def test_a_reference_is_asked_of_rows_that_did_not_change(warehouse: Warehouse) -> None:
    examined(warehouse, 1, {FILE: people(1, 2), "prison_spell": [spell(1, of=1), spell(2, of=2)]})
    second = warehouse.take("prison", 2, {FILE: people(1), "prison_spell": [spell(1, of=1), spell(2, of=2)]})
    assert warehouse.counts(second.delivery_id, "prison_spell") == {"in_file": 2, "unchanged": 1, "rejected": 1}


def test_a_repeated_row_is_found_although_it_did_not_change(warehouse: Warehouse) -> None:
    examined(warehouse, 1, {FILE: people(1, 2)})
    second = warehouse.take("prison", 2, {FILE: [*people(1, 1, 2), person(2, surname="Birch")]})
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 4, "unchanged": 1, "rejected": 3}
    assert warehouse.value("select count(*) from raw.prison_person where closed_by_sequence is null") == 2


def test_what_was_compared_with_an_earlier_night_is_compared_again(warehouse: Warehouse) -> None:
    """The third night was landed before the second was published, and is as the first again."""
    examined(warehouse, 1, {FILE: people(1)})
    second = loading.receive("prison", warehouse.deliver("prison", 2, {FILE: people(1, surname="Birch")})).delivery_id
    third = loading.receive("prison", warehouse.deliver("prison", 3, {FILE: people(1)})).delivery_id
    loading.validate(third)
    for delivery_id in (second, third):
        assert loading.publish(delivery_id).status == "published"
    assert warehouse.query("select opened_by_sequence, closed_by_sequence, surname from raw.prison_person order by 1") == [
        (1, 2, "Alder"),
        (2, 3, "Birch"),
        (3, None, "Alder"),
    ]


OUTCOME = {
    "people": "select to_jsonb(p) - 'examined_as' from raw.prison_person p",
    "spells": "select to_jsonb(s) - 'examined_as' from raw.prison_spell s",
    "counts": "select to_jsonb(l) - 'sha256' from audit.file_load l",
    "results": "select to_jsonb(v) - 'validated_at' from audit.validation_result v",
    "findings": "select to_jsonb(f) - 'found_at' - 'finding_id' from audit.delivery_finding f",
    "rejections": "select to_jsonb(r) - 'rejected_at' - 'closed_at' - 'rejection_id' from audit.rejected_row r",
    "quarantine": "select * from quarantine.rejected_row",
}


def random_night(dice: random.Random) -> dict[str, list[Row]]:
    """Few people and bookings, of whom some change, go, come twice, or break a rule that rejects or only notes."""
    oddities: list[Row] = [{}] * 8 + [{"surname": "Birch"}, {"dob": "never"}, NOT_A_PNC, {"sex": ""}, {"sex": "?"}]
    persons = [person(number, **dice.choice(oddities)) for number in range(1, 13) for _ in range(dice.choice((0, 1, 1, 1, 1, 2)))]
    dates: list[Row] = [{}] * 6 + [{"released_on": ""}, {"released_on": "2011-01-01"}, {"received_on": "5.1.2012"}]
    spells = [spell(number, of=dice.randint(1, 13) if dice.random() < 0.2 else number, **dice.choice(dates))
              for number in range(1, 13) for _ in range(dice.choice((0, 1, 1, 1, 1, 2)))]  # fmt: skip
    return {FILE: persons, "prison_spell": spells}


@pytest.mark.parametrize("seed", range(2))
def test_any_nights_end_as_if_every_row_had_been_examined(cluster, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)
    nights = [random_night(dice) for _ in range(4)]
    with own_warehouse(cluster) as one:
        for sequence, files in enumerate(nights, 1):
            one.take("prison", sequence, files)
        as_built = outcome(one)
    each_night_other_rules = itertools.count()
    monkeypatch.setattr(examination, "rules_in_force", lambda conn, file: next(each_night_other_rules))
    with own_warehouse(cluster) as other:
        for sequence, files in enumerate(nights, 1):
            other.take("prison", sequence, files)
        assert as_built == outcome(other)
    assert any("Birch" in row for row in as_built["people"]) and as_built["rejections"]


def outcome(warehouse: Warehouse) -> dict[str, list[str]]:
    """All that loading leaves behind, but for what it knows rows by, and times of day."""
    return {
        name: sorted(text for (text,) in warehouse.query(f"select to_jsonb(t)::text from ({query}) t"))
        for name, query in OUTCOME.items()
    }

"""A delivery that withdraws a row from under others says so, once, and only then."""

from delivery_maker import Warehouse
from prison_rows import people, person, spell

RULE = "prison_spell.prison_number.parent_withdrawn"
SPELLS = [spell(1, of=1), spell(2, of=2), spell(3, of=2)]


def notes(warehouse: Warehouse, delivery_id: int) -> dict[str, str]:
    return {rule: message for rule, message in warehouse.findings(delivery_id).items() if rule.endswith(".parent_withdrawn")}


def test_rows_left_behind_by_a_deletion_are_noted(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {"prison_person": people(1, 2), "prison_spell": SPELLS})
    deletion = {"prison_number": "A0002BC", "change": "delete"}
    second = warehouse.take("prison", 2, {"prison_person": [deletion]}, base=1)
    assert notes(warehouse, second.delivery_id)[RULE].startswith(
        "prison_spell: 2 current rows refer by prison_number to rows of prison_person that this delivery withdrew."
    )
    assert len(warehouse.current("prison_spell", "booking_ref")) == 3
    third = warehouse.take("prison", 3, {"prison_person": [person(1, surname="Birch", change="upsert")]}, base=2)
    assert notes(warehouse, third.delivery_id) == {}


def test_rows_left_behind_by_a_full_file_are_noted(warehouse: Warehouse) -> None:
    """Its own rejected row leaves the last good version, which now refers to nothing."""
    warehouse.take("prison", 1, {"prison_person": people(1, 2), "prison_spell": SPELLS[:2]})
    second = warehouse.take("prison", 2, {"prison_person": people(1), "prison_spell": SPELLS[:2]})
    assert warehouse.counts(second.delivery_id, "prison_person") == {"in_file": 1, "unchanged": 1, "gone": 1}
    assert notes(warehouse, second.delivery_id)[RULE].startswith("prison_spell: 1 current row refers by prison_number")


def test_nothing_is_noted_when_the_rows_go_together_or_the_row_only_changed(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {"prison_person": people(1, 2), "prison_spell": SPELLS})
    second = warehouse.take("prison", 2, {"prison_person": [person(1, surname="Birch")], "prison_spell": SPELLS[:1]})
    assert warehouse.counts(second.delivery_id, "prison_person") == {"in_file": 1, "changed": 1, "gone": 1}
    assert notes(warehouse, second.delivery_id) == {}

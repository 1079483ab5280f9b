"""Proven reoffending has its frequency beside its share: offences for each person who had one."""

import pytest
from audiences import BOARD, PUBLIC
from measures_by_hand import fact, measure

from iom_warehouse.disclosure import Audience, ReleasedTable, control
from iom_warehouse.reports import follow_up


def everyone(audience: Audience, people: int, with_event: int, events: int, **definition: str) -> tuple[ReleasedTable, str]:
    """The table, and what it says in words."""
    of = measure(fact("all", "all", people, with_event, events), **({"event_kind": "proven_offence"} | definition))
    draft = follow_up.draft(of)
    released = control(draft.table, audience)
    return released, draft.meaning(released)


@pytest.mark.parametrize(
    ("people", "with_event", "events", "shown"),
    [(80, 40, 69, "1.7"), (400, 40, 69, "1.73"), (80, 40, 40, "1.0")],  # 1.725; of 200 people or more with two decimals
)
def test_offences_for_each_person_who_had_one(people: int, with_event: int, events: int, shown: str) -> None:
    released, said = everyone(BOARD, people, with_event, events)
    assert released.rows[0].cells["how_often"].text == shown
    assert said.endswith(f" Those who did had {shown} on average.")


@pytest.mark.parametrize("definition", [{"event_kind": "arrest"}, {"count_unit": "distinct_crime"}])
def test_no_frequency_of_anything_else(definition: dict[str, str]) -> None:
    released, said = everyone(BOARD, 80, 40, 68, **definition)
    assert "how_often" not in released.rows[0].cells
    assert "on average" not in said


def test_without_anybody_who_had_one_there_is_none() -> None:
    released, said = everyone(BOARD, 80, 0, 0)
    assert released.rows[0].cells["how_often"].text == "nobody had one"
    assert "on average" not in said


@pytest.mark.parametrize(("audience", "with_event", "events"), [(BOARD, 3, 9), (PUBLIC, 40, 42)])
def test_a_frequency_of_few_is_hidden(audience: Audience, with_event: int, events: int) -> None:
    """Of three people; and 42 offences of 40 people would tell, where both are rounded, that two had a second one."""
    released, said = everyone(audience, 80, with_event, events)
    assert released.rows[0].cells["how_often"].is_hidden
    assert "on average" not in said

"""Two horizons beside each other do not tell how few had their event in between."""

from typing import Any

import pytest
from audiences import BOARD, PUBLIC
from measures_by_hand import fact, measure

from iom_warehouse.disclosure import Audience, ReleasedTable, control
from iom_warehouse.reports import follow_up


def followed(audience: Audience, by_day: dict[int, tuple[int, int]]) -> ReleasedTable:
    """Of 80 people: with an event, and their events, by each day."""
    rows: list[dict[str, Any]] = [
        fact("all", "all", 80, people, events, horizon_days=day, most_events=2) for day, (people, events) in by_day.items()
    ]
    return control(follow_up.draft(measure(*rows)).table, audience)


def shown(released: ReleasedTable, name: str) -> list[str]:
    return [row.cells[name].text for row in released.rows]


@pytest.mark.parametrize(
    ("by_day", "people", "events"),
    [
        ({91: (20, 26), 182: (32, 40)}, ["20", "32"], ["26", "40"]),
        ({91: (20, 26), 182: (22, 40)}, ["c", "22"], ["26", "40"]),
        ({91: (20, 26), 182: (32, 29)}, ["20", "32"], ["c", "29"]),
    ],
    ids=["many came since", "two people did", "three events did"],
)
def test_the_board_does_not_see_how_few_came_since_the_horizon_before(by_day, people, events):
    released = followed(BOARD, by_day)
    assert (shown(released, "with_event"), shown(released, "events")) == (people, events)


def test_nobody_since_the_horizon_before_is_no_secret():
    assert shown(followed(BOARD, {91: (20, 26), 182: (20, 26)}), "with_event") == ["20", "20"]


def test_days_at_risk_tell_no_rounded_count():
    """52 people without an event, 365 days each: 18,980 days beside a rounded 50 would say that there are 52."""
    by_day = {365: (28, 40)}
    assert shown(followed(BOARD, by_day), "days_at_risk") == ["8,000"]
    assert shown(followed(PUBLIC, by_day), "days_at_risk") == ["c"]

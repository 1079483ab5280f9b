"""What is found about a row tells no count that the row hides."""

import pytest
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Audience, Table, control
from iom_warehouse.reports import follow_up, static_cohort

BOARD = Audience("board", min_count=5, min_denominator=10, flag_denominator=30)


def findings(table: Table, key: str) -> str:
    found = control(table, BOARD).decision((key, "findings"))
    assert found is not None
    return found.text


@pytest.mark.parametrize(
    ("most_of_one", "says"),
    [(9, "few people; baseline 42 at the same lag"), (40, "few people; baseline c at the same lag")],
    ids=["of several", "mainly of one"],
)
def test_the_baseline_at_the_same_lag_is_hidden_with_the_baseline(most_of_one: int, says: str) -> None:
    lag = "small_n; baseline_with_same_lag=42"
    facts = [
        against_baseline("A", 30, 45, 20, most_baseline_events=most_of_one, findings=lag),
        against_baseline("B", 30, 60, 20, findings=None),
        against_baseline("C", 30, 70, 20, findings=None),
    ]
    table = static_cohort.draft(measure(*facts, comparison="pro_rata_baseline")).table
    assert findings(table, "district:A") == says


@pytest.mark.parametrize(
    ("with_event", "says"), [(12, "7 not followed to the end"), (3, "c not followed to the end")], ids=["shown", "hidden"]
)
def test_how_many_are_not_followed_is_hidden_with_those_who_had_an_event(with_event: int, says: str) -> None:
    rows = fact("all", "all", 40, with_event, with_event + 20, findings="follow_up_incomplete=7")
    assert findings(follow_up.draft(measure(rows)).table, "all:all:365") == says

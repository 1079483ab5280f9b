"""What the tables of a year make of its quarters."""

from datetime import date
from typing import Any

from iom_warehouse.reports import figures
from iom_warehouse.reports.scope import Scope, beginning

YEAR = Scope(beginning("year", date(2013, 1, 1)))


def of_year(*people: int | None, column: str = "n_people") -> Any:
    """What a year has of a column that is the largest of its quarters."""
    quarters = [beginning("quarter", date(2013, 3 * number + 1, 1)) for number in range(len(people))]
    facts = [
        {"area": "all", "period_start": of.first, "period_end": of.last, "n_up": count or 0, column: count}
        for of, count in zip(quarters, people, strict=True)
    ]
    [fact] = figures._of_year(facts, YEAR, ("area",), ("n_up",), (), (column,), ())
    return fact[column]


def test_nobody_in_any_quarter_is_nobody_in_the_year() -> None:
    assert of_year(0, 0) == 0


def test_a_quarter_without_anybody_and_one_with_four() -> None:
    assert (of_year(0, 4), of_year(4, 0), of_year(None, 0), of_year(None, None)) == (4, 4, 0, None)


def test_what_no_quarter_counted_is_not_nought() -> None:
    assert [figures._together(*quarters) for quarters in ((None, None), (None, 3), (0, None), (2, 3))] == [None, 3, 0, 5]

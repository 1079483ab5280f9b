"""What the tables of a year make of its quarters."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from iom_warehouse.reports import figures, young_adults
from iom_warehouse.reports.scope import Scope, beginning

YEAR = Scope(beginning("year", date(2013, 1, 1)))


def of_year(*people: int | None, column: str = "n_people") -> Any:
    """What a year has of a column that is the largest of its quarters."""
    quarters = [beginning("quarter", date(2013, 3 * number + 1, 1)) for number in range(len(people))]
    facts = [
        {"area": "all", "period_start": of.first, "period_end": of.last, "data_cut": of.last, "n_up": count or 0,
         column: count}
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


def young(age: str, number: int, data_cut: date) -> dict[str, Any]:
    """The row of an age in a quarter, in which there are three of everything; it is complete."""
    quarter = beginning("quarter", date(2013, 3 * number - 2, 1))
    events = [column for columns in young_adults.EVENTS.values() for column in columns]
    counts = dict.fromkeys((*young_adults.PEOPLE.values(), *events, *young_adults.CASELOAD.values()), 3)
    of = {"age_group": age, "period_kind": "quarter", "period_start": quarter.first, "period_end": quarter.last}
    return of | {"is_complete": True, "data_cut": data_cut} | dict.fromkeys(young_adults.VICTIMS.values()) | counts


@pytest.mark.parametrize(
    ("business_date", "data_cut", "ends_on", "maturity"),
    [
        (date(2014, 1, 31), date(2014, 1, 31), date(2013, 12, 31), "final"),
        (date(2013, 12, 31), date(2013, 12, 20), date(2013, 12, 31), "provisional"),
        (date(2013, 11, 30), date(2013, 11, 30), date(2013, 11, 30), "provisional"),
    ],
    ids=["over", "not delivered to its end", "under way"],
)
def test_nobody_of_an_age_on_the_caseload_at_the_end_of_the_year(
    business_date: date, data_cut: date, ends_on: date, maturity: str
) -> None:
    """Of 16 and 17 the last row is that of the second quarter: whoever it has on the caseload is on it no more."""
    quarters = [young("16-17", 2, data_cut), young("18-24", 2, data_cut), young("18-24", 4, data_cut)]
    source: Any = SimpleNamespace(
        mart=lambda *_, **parameters: quarters if parameters["kind"] == "quarter" else [], business_date=business_date
    )
    minors, adults = young_adults.drafts(source, YEAR, "needs")[0].table.rows
    stocks = [[row.cells[name].value for name in young_adults.CASELOAD] for row in (minors, adults)]
    assert stocks == [[0, 0, 0], [3, 3, 3]]
    assert (minors.cells["arrests"].value, adults.cells["arrests"].value) == (3, 6)
    assert (minors.context.period_end, minors.context.maturity) == (ends_on, maturity)


@pytest.mark.parametrize(
    ("quarters", "data_cut", "ends_on", "is_over"),
    [
        ((1, 2, 3), date(2013, 9, 30), date(2013, 9, 30), False),  # the third ended with the night, and the fourth is to come
        ((1,), date(2013, 11, 15), date(2013, 3, 31), False),  # of an agency that referred nobody since
        ((1, 2, 3, 4), date(2013, 12, 31), date(2013, 12, 31), True),
        ((1, 2, 3), date(2014, 2, 1), date(2013, 12, 31), True),  # nothing happened in the fourth
    ],
)
def test_a_year_is_final_when_data_reach_to_its_end(quarters: tuple[int, ...], data_cut: date, ends_on: date, is_over: bool):
    """Whatever the mart says of the quarters that there are: each of them is final."""
    of = {"area": "all", "is_complete": True, "status": "final", "data_cut": data_cut}
    periods = [beginning("quarter", date(2013, 3 * number - 2, 1)) for number in quarters]
    facts = [of | {"period_start": period.first, "period_end": period.last} for period in periods]
    [year] = figures._of_year(facts, YEAR, ("area",), (), (), (), ())
    assert (year["period_end"], year["is_complete"]) == (ends_on, is_over)
    assert figures.context(year).maturity == ("final" if is_over else "provisional")

"""What is known of a provisional figure is a count of events like any other, in the table of maturity too."""

from datetime import date
from typing import Any

import pytest
from audiences import BOARD, PUBLIC
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Audience, Table, control
from iom_warehouse.reports import follow_up, maturity, static_cohort
from iom_warehouse.reports.measures import Measure

END = date(2013, 12, 31)


def known(of: Measure, table: Table, n_events: int, **more: Any) -> Table:
    """The table of maturity, with one measure."""
    expected = {
        "period_end": END, "horizon_days": 365, "n_events": n_events, "expected_final": 12.0, "ci_low": 10, "ci_high": 15,
        "reason": None,
    } | more  # fmt: skip
    return Table("maturity", "", maturity.COLUMNS, (maturity._row(of, table, expected),))


def beside_a_prediction(people: int, with_event: int, events: int, most: int) -> Measure:
    row = fact("all", "all", people, with_event, events, expected_count=5, most_events=most, ci_low=None, ci_high=None)
    return measure(row | {"period_start": date(2013, 1, 1)}, comparison="expected")


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
@pytest.mark.parametrize(
    ("with_event", "most", "is_hidden"), [(2, 6, True), (6, 8, True), (6, 3, False)], ids=["two people", "one most", "six"]
)
def test_what_few_people_did_is_not_known_so_far(audience: Audience, with_event: int, most: int, is_hidden: bool) -> None:
    """Twenty people and ten events: by two of them, mostly by one of six, or by six."""
    of = beside_a_prediction(20, with_event, 10, most)
    released = control(known(of, static_cohort.draft(of).table, 10), audience)
    [cells] = [row.cells for row in released.rows]
    assert cells["known"].is_hidden == is_hidden
    assert cells["growth"].is_hidden or not is_hidden


def test_it_is_the_count_of_the_measure_s_own_table_where_it_stands_there() -> None:
    """By its row and horizon: as many events of the shorter one, or as many people, are another count."""
    of = measure(fact("all", "all", 80, 20, 40, horizon_days=91), fact("all", "all", 80, 30, 40, horizon_days=365))
    table = follow_up.draft(of).table
    counted = known(of, table, 40)
    assert counted.fact(("m", "known")) == table.fact(("all:all:365", "events")) != table.fact(("all:all:91", "events"))
    of = measure(against_baseline("all", 60, 130, 45, horizon_days=None) | {"group_by": "all"}, comparison="pro_rata_baseline")
    table = static_cohort.draft(of).table
    assert known(of, table, 45, horizon_days=None).fact(("m", "known")) == table.fact(("all:all", "total"))
    of = beside_a_prediction(20, 10, 10, 1)
    table = static_cohort.draft(of).table
    assert known(of, table, 10).fact(("m", "known")) != table.fact(("all:all", "total")), "ten people had ten events"

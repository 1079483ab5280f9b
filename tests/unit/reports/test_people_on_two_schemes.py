"""Whoever is on two schemes stands in both, so that schemes less all of them together tell how many there are."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from audiences import BOARD
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table, control
from iom_warehouse.reports import caseload, figures, follow_up, static_cohort
from iom_warehouse.reports.scope import WHOLE, Area, Scope, beginning
from iom_warehouse.reports.stacking import stack

QUARTER = beginning("quarter", date(2013, 10, 1))
NORTH = Area("N", "division", "North")


def moved(scheme: str, closing: int, level: str = "all", area: str = "all", joiners: int = 10) -> dict[str, Any]:
    return {
        "scheme": scheme, "area_level": level, "area": area, "period_kind": "quarter", "period_start": QUARTER.first,
        "period_end": QUARTER.last, "opening": closing, "joiners": joiners, "leavers": joiners, "closing": closing,
        "is_complete": True, "data_cut": QUARTER.last,
    }  # fmt: skip


def of_caseload(*facts: dict[str, Any], area: Area = WHOLE) -> Table:
    source: Any = SimpleNamespace(mart=lambda *_, **__: list(facts), definitions=lambda *_, **__: [])
    scope = Scope(QUARTER, area)
    return caseload._movement(source, scope, list(facts)).table


def shown(released: ReleasedTable, column: str) -> list[str]:
    return [row.cells[column].text for row in released.rows]


@pytest.mark.parametrize(
    ("on_both", "is_told"), [(2, False), (0, True), (8, True)], ids=["two", "nobody", "eight"]
)  # fmt: skip
def test_two_people_on_both_schemes_do_not_follow_from_the_caseload(on_both: int, is_told: bool) -> None:
    """60 on any, 24 and some more on the one and 36 on the other; families are another programme."""
    table = of_caseload(
        moved("any", 60), moved("PPO", 24 + on_both, joiners=4 + on_both), moved("IOM", 36, joiners=6), moved("TF", 90)
    )
    released = control(table, BOARD)
    assert ("c" not in shown(released, "closing")) is is_told
    assert ("c" not in shown(released, "opening")) is is_told
    assert shown(released, "joiners")[0] == "10" and len(released.rows[0].cells) == 6, "nothing more is printed"


@pytest.mark.parametrize(("people", "is_told"), [(10, False), (29, True)], ids=["of one person, perhaps", "each of another"])
def test_charges_of_one_person_on_both_schemes_do_not_follow_either(people: int, is_told: bool) -> None:
    """15 and 20 charges are 29 together: six are of people on both. All 29 are of ten people, so the six can be of one."""
    columns = (*figures.count_columns(charges="Charges"), figures.unseen(figures.MORE.format("charges")))
    either, ppo, iom = (
        Row(key, key, {"charges": Cell(count, people=of)})
        for key, count, of in (("either", 29, people), ("PPO", 15, 8), ("IOM", 20, 9))
    )
    total, ties = figures.more_than_once(either, (ppo, iom), ["charges"])
    assert total.cells[figures.MORE.format("charges")].people == max(1, 6 - (29 - people))
    released = control(Table("flags", "", columns, (total, ppo, iom), ties), BOARD)
    assert ("c" not in shown(released, "charges")) is is_told


def test_nor_from_the_profile_of_a_division() -> None:
    """Ten are on both schemes, eight of them in the north: two in the south."""
    north = [moved("any", 30, "division", "N"), moved("PPO", 18, "division", "N"), moved("IOM", 20, "division", "N")]
    south = [moved("any", 30, "division", "S"), moved("PPO", 16, "division", "S"), moved("IOM", 16, "division", "S")]
    of_all = [moved("any", 60), moved("PPO", 34), moved("IOM", 36)]
    stacked = stack({
        WHOLE: of_caseload(*of_all, north[0], south[0]),
        NORTH: of_caseload(*north, area=NORTH),
        Area("S", "division", "South"): of_caseload(*south, area=Area("S", "division", "South")),
    })  # fmt: skip
    released = control(stacked.table, BOARD)
    closing = {row.key: row.cells["closing"].text for row in released.rows}
    assert "c" in [closing[f"{scheme}:division:S"] for scheme in ("any", "PPO", "IOM")]


@pytest.mark.parametrize("on_both", [2, 8])
def test_nor_from_those_who_are_followed(on_both: int) -> None:
    """60 people, of whom two or eight are on both schemes, and as many of them had an event."""
    groups = (("all", "all", 60, 30), ("scheme", "PPO", 24 + on_both, 12 + on_both), ("scheme", "IOM", 36, 18))
    of = measure(*(fact(kind, value, people, some, 2 * some, most_events=2) for kind, value, people, some in groups))
    released = control(follow_up.draft(of).table, BOARD)
    for column in ("people", "with_event"):
        assert ("c" in shown(released, column)) is (on_both == 2), column


def test_nor_from_those_set_beside_a_baseline() -> None:
    """Two people on both, who had nine events in the baseline and eight in the follow-up: hidden, though these are not few."""

    def row(kind: str, value: str, people: int, baseline: int, events: int) -> dict[str, Any]:
        return against_baseline(value, people, baseline, events, findings=None, target_count=None) | {"group_by": kind}

    rows = row("all", "all", 60, 120, 90), row("scheme", "PPO", 26, 69, 58), row("scheme", "IOM", 36, 60, 40)
    released = control(static_cohort.draft(measure(*rows, comparison="pro_rata_baseline")).table, BOARD)
    for column in ("people", "baseline", "total"):
        assert "c" in shown(released, column), column

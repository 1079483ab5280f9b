"""The break-even tells no more of a cohort than the table of its own measure does."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from audiences import BOARD, INTERNAL, PUBLIC
from measures_by_hand import fact, measure

from iom_warehouse.disclosure import Audience, control_all
from iom_warehouse.reports import measures, static_cohort, value
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.scope import Scope, beginning

YEAR = {
    "year": "2013/14", "measure_id": "part", "measure_version": "1", "multiplier": 1, "additional_cost": 620_000,
    "confidence": "medium", "findings": None, "data_cut": date(2013, 12, 31), "estimate": "central",
}  # fmt: skip
QUARTER = Scope(beginning("quarter", date(2013, 10, 1)))
NAMES = ("unit_cost", "crimes", "per_person", "of_expected")


def of(people: int, baseline: int, **behind: Any) -> Measure:
    known = {"baseline_count": baseline, "expected_count": baseline, "n_eligible": people, "pct_change": 0, "most_events": 2}
    row = fact("all", "all", people, people, baseline, **known | behind)
    return measure(row, measure_id="part", comparison="pro_rata_baseline")


def year(people: int, baseline: int, average: float, **behind: Any) -> dict[str, Any]:
    crimes = 620_000 / average
    return YEAR | {
        "n_people": people, "n_events": baseline, "n_events_costed": baseline, "n_people_with_event": people, "most_events": 2,
        "n_people_with_cost": people, "most_events_with_cost": 2, "n_people_without_cost": 0, "most_events_without_cost": 0,
        "cost_of_one_person": average, "average_unit_cost": average, "break_even_crimes": crimes,
        "break_even_per_person": crimes / people, "break_even_pct_of_expected": 100 * crimes / baseline,
    } | behind  # fmt: skip


def source_of(of_year: dict[str, Any]) -> Any:
    return SimpleNamespace(mart=lambda *_, **__: [of_year], definitions=lambda *_: [])


def shown(monkeypatch: pytest.MonkeyPatch, audience: Audience, of_measure: Measure, of_year: dict[str, Any]) -> dict[str, str]:
    """What stands in the break-even when it is printed beside the measure's own table; `own` is the baseline there."""
    monkeypatch.setattr(measures, "read", lambda _: [of_measure])
    own, [row] = (
        released.rows
        for released in control_all(
            [static_cohort.draft(of_measure).table, value._break_even(source_of(of_year), QUARTER).table], audience
        )
    )
    return {name: cell.text for name, cell in row.cells.items()} | {"own": own[0].cells["baseline"].text}


def test_people_and_baseline_are_those_of_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    of_measure = of(40, 60)
    monkeypatch.setattr(measures, "read", lambda _: [of_measure])
    own, table = static_cohort.draft(of_measure).table, value._break_even(source_of(year(40, 60, 1841)), QUARTER).table
    [key] = [row.key for row in table.rows]
    for name in ("people", "baseline"):
        assert table.fact((key, name)) == own.fact(("all:all", name))


def test_numbers_made_of_single_crimes_have_two_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(monkeypatch, BOARD, of(40, 60), year(40, 60, 1841))
    assert [found[name] for name in ("people", "baseline", "costed", *NAMES)] == ["40", "60", "60", "1,800", "340", "8.4", "560%"]


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_a_baseline_mainly_of_one_does_not_follow_from_what_would_break_even(
    monkeypatch: pytest.MonkeyPatch, audience: Audience
) -> None:
    """Six of the nine crimes are of one: 337 crimes, which are 3743% of those expected, leave nine only."""
    found = shown(monkeypatch, audience, of(12, 9, most_baseline_events=6), year(12, 9, 1841, most_events=6))
    assert {found[name] for name in ("own", "baseline", *NAMES)} == {"c"}


def test_a_grave_crime_of_one_person_is_not_told_by_the_average(monkeypatch: pytest.MonkeyPatch) -> None:
    """A homicide among 41 crimes costs more than all the others."""
    found = shown(monkeypatch, BOARD, of(40, 41), year(40, 41, 80_000, cost_of_one_person=3_217_740))
    assert {found[name] for name in NAMES} == {"c"} and found["baseline"] == "41"
    found = shown(monkeypatch, INTERNAL, of(40, 41), year(40, 41, 80_000, cost_of_one_person=3_217_740))
    assert found["unit_cost"] == "80,000"


def test_the_public_sees_nothing_made_of_counts_that_it_has_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 41 crimes, printed as 40, 358 are 874%, and of no other number from 38 to 42."""
    found = shown(monkeypatch, PUBLIC, of(40, 41), year(40, 41, 1733))
    assert found["baseline"] == "40" and {found[name] for name in NAMES} == {"c"}


def test_two_crimes_of_the_rest_of_the_year_do_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure's own table has the baseline of the months that are over, and the break-even that of the whole year."""
    found = shown(monkeypatch, BOARD, of(40, 58), year(40, 60, 1841))
    assert "c" in (found["own"], found["baseline"])
    assert all(found[name] == "c" for name in NAMES) or found["baseline"] == "60"


@pytest.mark.parametrize(
    ("average", "findings", "shown_as", "said"),
    [
        (14_904, "more_than_expected_crimes", "100%", "more than all the crimes expected"),  # 41.6 of 40 crimes
        (15_500, None, "100%", "which is 100% of the crimes expected"),  # 40 of them
    ],
)
def test_slightly_more_than_all_the_crimes_is_not_said_to_be_all(
    monkeypatch: pytest.MonkeyPatch, average: float, findings: str | None, shown_as: str, said: str
) -> None:
    monkeypatch.setattr(measures, "read", lambda _: [of(40, 40)])
    draft = value._break_even(source_of(year(40, 40, average, findings=findings)), QUARTER)
    [released] = control_all([draft.table], INTERNAL)
    assert released.rows[0].cells["of_expected"].text == shown_as
    assert said in draft.meaning(released)


def test_a_year_that_begins_after_the_period_is_left_out_and_one_that_goes_on_has_no_people_of_the_whole_year() -> None:
    years = [
        {"year": name, "additional_cost": 620_000, "set_up": None, "n_people": people, "person_years": 40,
         "cost_per_person_year": 15_500, "findings": findings, "data_cut": QUARTER.last}
        for name, people, findings in (("2012/13", 50, None), ("2013/14", 45, "year_not_over"), ("2014/15", 0, "year_not_over"))
    ]  # fmt: skip

    def said(*facts: dict[str, Any]) -> tuple[list[str], str]:
        source: Any = SimpleNamespace(mart=lambda *_, **__: list(facts))
        draft = value._cost(source, QUARTER)
        [released] = control_all([draft.table], BOARD)
        return [row.label for row in released.rows], draft.meaning(released)

    listed, sentence = said(*years)
    assert listed == ["2012/13", "2013/14"]
    assert sentence.startswith("In 2012/13 the programme's additional cost was 620,000 pounds,")
    assert "was 620,000 pounds for the whole year, with 45 people managed so far." in said(*years[1:])[1]

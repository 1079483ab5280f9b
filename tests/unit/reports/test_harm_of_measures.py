"""Harm stands beside the counts of the measure's own table, under their names, so that nobody subtracts one from the other."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from measures_by_hand import fact, measure

from iom_warehouse.reports import follow_up, harm, static_cohort
from iom_warehouse.reports.measures import Measure

FIRST, SECOND = date(2013, 9, 30), date(2014, 3, 31)
OF_ONE = {
    "most_events": 4, "n_people_weighed": 8, "most_events_weighed": 3, "n_people_without_weight": 2,
    "most_events_without_weight": 1,
}  # fmt: skip


def drafted(of: Measure, table: Any, *periods: dict[str, Any]) -> Any:
    same = {"measure_id": "m", "measure_version": "1", "horizon_days": None, "confidence": "high", "status": "final"} | OF_ONE
    weights = {"harm": 900, "harm_per_person": 45, "harm_of_one_person": 300, "share_of_one_person": 1 / 3}
    source: Any = SimpleNamespace(mart=lambda *_, **__: [same | weights | period for period in periods])
    found = harm.drafts(source, [(of, table)])
    return found[0].table if found else None


def period(end: date, events: int, **more: Any) -> dict[str, Any]:
    return {"period_end": end, "n_people": 20, "n_events": events, "n_events_weighed": events - 2} | more


def against_two_quarters(**definition: Any) -> Measure:
    of_baseline = {
        "baseline_count": 40, "expected_count": 10, "n_eligible": 20, "most_events": 4, "most_baseline_events": 5,
        "horizon_days": None, "data_cut": date(2013, 12, 31),
    }  # fmt: skip
    rows = [fact("all", "all", 20, 10, events, period_end=end, **of_baseline) for end, events in ((FIRST, 12), (SECOND, 15))]
    kind = {"event_kind": "proven_offence", "period": "quarter", "comparison": "pro_rata_baseline"}
    return measure(*rows, **(kind | definition))


def test_beside_a_baseline_it_is_of_the_newest_period_that_is_over() -> None:
    of = against_two_quarters()
    table = static_cohort.draft(of).table
    found = drafted(of, table, period(FIRST, 12), period(SECOND, 15))
    assert [found.counts["m version 1", name] for name in ("events", "weighed", "unweighed")] == [12, 10, 2]
    for own, name in (("events", "total"), ("people", "people")):
        assert found.fact(("m version 1", own)) == table.fact(("all:all", name))


def test_nothing_is_told_of_periods_that_are_not_over_nor_beside_a_prediction() -> None:
    of = against_two_quarters()
    assert drafted(of, static_cohort.draft(of).table, period(SECOND, 15)) is None
    predicted = against_two_quarters(comparison="expected")
    assert drafted(predicted, static_cohort.draft(predicted).table, period(FIRST, 12)) is None


def test_offences_of_occasions_are_a_count_of_their_own() -> None:
    """The measure counts 12 occasions, which had 17 offences."""
    of = measure(fact("all", "all", 20, 10, 12, horizon_days=None), event_kind="proven_offence", count_unit="occasion")
    table = follow_up.draft(of).table
    same, other = (drafted(of, table, period(date(2013, 12, 31), events)) for events in (12, 17))
    assert same.fact(("m version 1", "events")) == table.fact(("all:all:", "events"))
    assert other.fact(("m version 1", "events")) not in [table.fact(place) for place in table.counts]
    assert (same.cells["m version 1", "events"].most, other.cells["m version 1", "events"].most) == (4, 4)

"""A measure with rows of the summary as a test writes them."""

from datetime import date
from decimal import Decimal
from typing import Any

from iom_warehouse.reports import measures
from iom_warehouse.reports.measures import Measure

DEFINITION: dict[str, Any] = dict.fromkeys(measures.PARAMETERS) | {
    "measure_id": "m", "version": "1", "title": "M", "cohort_id": "c", "event_kind": "arrest", "count_unit": "offence",
    "comparison": "none", "period": "none",
}  # fmt: skip
AREAS = {"A": "Ashby", "B": "Brackley", "C": "Carrow"}
PARENTS = {"A": "N", "B": "N", "C": "S"}


def fact(group_by: str, value: str, people: int, with_event: int, events: int, **more: Any) -> dict[str, Any]:
    names = (*measures.ADDED_UP, *measures.MOST, *measures.DRAWN, "period_start", "findings", "target_count", "pct_change")
    row = dict.fromkeys(names) | {
        "group_by": group_by, "group_value": value, "n_people": people, "n_people_with_event": with_event, "n_events": events,
        "n_excluded": 0, "days_at_risk": 100 * people, "rate": Decimal(with_event) / people if people else None,
        "ci_low": 0.1, "ci_high": 0.9, "events_per_person_with_event": Decimal(events) / with_event if with_event else None,
        "period_end": date(2013, 12, 31), "horizon_days": 365, "data_cut": date(2014, 12, 31), "status": "final",
    } | more  # fmt: skip
    row.setdefault("is_over", row["period_end"] <= row["data_cut"])
    return {name: row[counted] for name, counted in measures.DISTINCT.items()} | row


def measure(*facts: dict[str, Any], **definition: Any) -> Measure:
    return Measure(DEFINITION | definition, "Cohort", AREAS, facts, parents=PARENTS)


def against_baseline(area: str, people: int, baseline: int, events: int, **more: Any) -> dict[str, Any]:
    """The row of a district beside its baseline, of which half lasts as long."""
    half = Decimal(baseline) / 2
    of_baseline: dict[str, Any] = {
        "baseline_count": baseline, "expected_count": half, "pct_change": 100 * (events / half - 1), "n_eligible": people,
        "n_meeting_target": 1, "target_count": round(Decimal("0.85") * half), "most_events": 4, "most_baseline_events": 9,
        "findings": "small_n; baseline_with_same_lag=3",
    }  # fmt: skip
    return fact("district", area, people, people, events, **(of_baseline | more))

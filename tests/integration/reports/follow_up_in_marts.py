"""People released in 2012 and followed to their first arrest, as rows of the marts, in all and by district."""

from datetime import date
from typing import Any

CUT = date(2013, 12, 30)
PEOPLE = {"all": 70, "FX-A": 33, "FX-B": 21, "FX-C": 16}
EVENTS = {28: {"all": 3, "FX-A": 2, "FX-B": 1, "FX-C": 0}, 365: {"all": 39, "FX-A": 20, "FX-B": 11, "FX-C": 8}}


def summary(horizon: int, area: str) -> dict[str, Any]:
    people, events = PEOPLE[area], EVENTS[horizon][area]
    return {
        "measure_id": "rearrest", "measure_version": "1", "cohort_id": "releases_2012", "group_value": area,
        "group_by": "all" if area == "all" else "district", "period_start": date(2012, 7, 1), "period_end": date(2012, 12, 31),
        "horizon_days": horizon, "n_people": people, "n_excluded": 0, "n_people_with_event": events, "n_events": events + 5,
        "rate": events / people, "ci_low": 0.1, "ci_high": 0.9, "days_at_risk": 300 * people, "status": "provisional",
        "data_cut": CUT,
    }  # fmt: skip


def summaries() -> list[dict[str, Any]]:
    return [summary(horizon, area) for horizon in EVENTS for area in PEOPLE]

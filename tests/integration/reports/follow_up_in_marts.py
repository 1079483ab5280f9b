"""People released in 2012 and followed to their first arrest, as rows of the marts, in all and by district."""

from datetime import date
from typing import Any

CUT = date(2013, 12, 30)
PEOPLE = {"all": 70, "FX-A": 33, "FX-B": 21, "FX-C": 16}
EVENTS = {28: {"all": 3, "FX-A": 2, "FX-B": 1, "FX-C": 0}, 365: {"all": 39, "FX-A": 20, "FX-B": 11, "FX-C": 8}}

# people, and those with a proven offence, by age
AGES = {"16-17": (3, 1), "18-24": (9, 2), "25-29": (9, 4), "30-39": (4, 3), "40-49": (12, 3), "50 and over": (3, 2)}


def summary(horizon: int, area: str) -> dict[str, Any]:
    people, events = PEOPLE[area], EVENTS[horizon][area]
    return {
        "measure_id": "rearrest", "measure_version": "1", "cohort_id": "releases_2012", "group_value": area,
        "group_by": "all" if area == "all" else "district", "period_start": date(2012, 7, 1), "period_end": date(2012, 12, 31),
        "horizon_days": horizon, "n_people": people, "n_excluded": 0, "n_people_with_event": events, "n_events": events + 5,
        "rate": events / people, "ci_low": 0.1, "ci_high": 0.9, "days_at_risk": 300 * people, "status": "provisional",
        "events_per_person_with_event": (events + 5) / events if events else None,
        "data_cut": CUT, "is_over": True,
    }  # fmt: skip


def summaries() -> list[dict[str, Any]]:
    return [summary(horizon, area) for horizon in EVENTS for area in PEOPLE]


def by_age() -> list[dict[str, Any]]:
    """Too few of each band for the board to see anything of most of them."""
    groups = {("all", "all"): (40, 15)} | {("age_band", band): counts for band, counts in AGES.items()}
    return [
        summary(365, "all") | {
            "measure_id": "proven_12_plus_6", "cohort_id": "adults_2012_q1", "group_by": group_by, "group_value": value,
            "horizon_days": None, "n_people": people, "n_people_with_event": events, "n_events": events + 2,
            "rate": events / people, "events_per_person_with_event": (events + 2) / events,
        }
        for (group_by, value), (people, events) in groups.items()
    ]  # fmt: skip

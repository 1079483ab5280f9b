"""The printed Leeds table as rows of the marts: counts per division and quarter, and what was printed beside what they give."""

from datetime import date
from fractions import Fraction
from typing import Any

MEASURE = "leeds_ppo_convictions"
QUARTER_ENDS = (date(2010, 6, 30), date(2010, 9, 30), date(2010, 12, 31), date(2011, 3, 31))
START, CUT = date(2010, 4, 1), date(2011, 10, 31)
# division: people, baseline, target, cumulative convictions, printed changes
PRINTED = {
    "NW Leeds": (43, 86, 73, (25, 42, 58, 73), (16, -2, -10, -15)),
    "NE Leeds": (31, 53, 45, (11, 25, 34, 35), (-17, -6, -14, -34)),
    "City & Holbeck": (25, 54, 46, (16, 27, 29, 40), (19, 0, -28, -26)),
    "all": (99, 193, 164, (52, 94, 121, 148), (8, -3, -43, -23)),
}


def summary(**more: Any) -> list[dict[str, Any]]:
    """Rows of reoffending_summary."""
    return [
        {
            "measure_id": MEASURE, "measure_version": "1", "cohort_id": "leeds_ppo_2010", "group_by": _kind(group),
            "group_value": group,
            "period_start": START, "period_end": end, "n_people": people, "n_excluded": 0, "n_people_with_event": people // 2,
            "n_events": count,
            "baseline_count": baseline, "expected_count": baseline * quarter / 4, "pct_change": float(_change(baseline, quarter,
            count)),
            "reduction_pct": -float(_change(baseline, quarter, count)), "rate": 0.5, "ci_low": -38.0, "ci_high": -5.0,
            "days_at_risk": 365 * people,
            "target_count": target, "n_meeting_target": people // 2, "n_eligible": people, "status": "final", "data_cut": CUT,
            "is_over": end <= more.get("data_cut", CUT),
            "findings": None,
        } | more
        for group, (people, baseline, target, counts, _) in PRINTED.items()
        for quarter, (end, count) in enumerate(zip(QUARTER_ENDS, counts, strict=True), 1)
    ]  # fmt: skip


def comparison() -> list[dict[str, Any]]:
    """Rows of published_comparison: targets and changes."""
    rows = []
    for group, (_, baseline, target, counts, changes) in PRINTED.items():
        figures = [("target_count", QUARTER_ENDS[-1], target, target)]
        for quarter, (end, count, change) in enumerate(zip(QUARTER_ENDS, counts, changes, strict=True), 1):
            exact = _change(baseline, quarter, count)
            ours = int(abs(exact) + Fraction(1, 2)) * (1 if exact > 0 else -1)
            figures.append(("pct_change", end, change, ours))
        rows += [
            {
                "measure_id": MEASURE, "measure_version": "1", "group_by": _kind(group), "group_value": group,
                "period": f"{START}/{end}",
                "figure": figure, "printed_value": printed, "our_value": ours, "recalculated_value": ours,
                "is_reproduced": printed == ours,
                "source": "as printed",
            }
            for figure, end, printed, ours in figures
        ]  # fmt: skip
    return rows


def _kind(group: str) -> str:
    return "all" if group == "all" else "division"


def _change(baseline: int, quarter: int, count: int) -> Fraction:
    return 100 * (Fraction(4 * count, baseline * quarter) - 1)

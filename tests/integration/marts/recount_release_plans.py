"""How release plans moved, counted again: each booking's plan followed from one prison delivery to the next."""

from datetime import date, timedelta

from messy_rows import PRISON_DELIVERIES, TODAY, Rows

Plan = tuple[date, date | None, int, int]


def release_plans(rows: Rows) -> dict[str, Plan]:
    """Open booking that has a plan -> the plan, the plan of a week ago, moves to an earlier day, moves to a later one."""
    found = {}
    for booking in [row["booking_ref"] for row in rows.of("prison_spell") if row["released_on"] is None]:
        by_day = {day: _plan(rows, booking, sequence) for sequence, day in PRISON_DELIVERIES.items()}  # the last of a day counts
        known = [plan for plan in by_day.values() if plan]
        pairs = list(zip(known, known[1:], strict=False))
        a_week_ago = [plan for day, plan in by_day.items() if day <= TODAY - timedelta(days=7)]
        now = _plan(rows, booking, max(PRISON_DELIVERIES))
        if now:
            found[booking] = now, a_week_ago[-1], sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
    return found


def _plan(rows: Rows, booking: str, sequence: int) -> date | None:
    dates = {
        row["date_type"]: row["release_on"]
        for row in rows.of("prison_release_date")
        if row["booking_ref"] == booking
        and row["opened_by_sequence"] <= sequence
        and not (row["closed_by_sequence"] and row["closed_by_sequence"] <= sequence)
    }
    return dates.get("expected") or dates.get("conditional")

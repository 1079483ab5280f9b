"""Levels of intensity and their reviews counted again the slow way: each person's days walked through one after the other."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from messy_rows import TODAY, Row
from recount import DAY, Recount

EVERYBODY = ("any", "all", "all")
MOVES = ("first", "up", "down", "unchanged", "reviewed", "reviewed_late")
STOCK = ("without", 1, 2, 3, 4, 5, "overdue", "no_due_day")


def level_moves(recount: Recount) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """(kind, first day, last day, area level, area) -> moves and reviews in the period, then people by level on its last day."""
    events: dict[tuple[str, str], Counter[tuple[date, str]]] = defaultdict(Counter)
    held: dict[tuple[int, date], Row] = {}
    for person in recount.days[EVERYBODY]:
        for day, kind in _events(recount, person, held):
            for (scheme, *area), people in recount.days.items():
                if scheme == "any" and day in people.get(person, ()):
                    events[area[0], area[1]][day, kind] += 1
    return {
        (kind, start, end, *area): (*_moves(events[area], start, end), *_stock(recount, area, end, held))
        for (kind, start, end, scheme, *area_list) in recount.movements()
        if scheme == "any"
        for area in [(area_list[0], area_list[1])]
    }


def _events(recount: Recount, person: int, held: dict[tuple[int, date], Row]) -> Iterator[tuple[date, str]]:
    """What happens to a person's level, day by day; notes in `held` the level of each day."""
    given = [row for row in recount.own["hub_level", person] if row["starts_on"] <= TODAY]
    left_on, before, last, ever_held = date.min, None, None, {}
    days = sorted(day for day in recount.days[EVERYBODY][person] if day <= TODAY)
    for day in days:
        if day - DAY != last:  # joins, with what was given since leaving the last time
            left_on, before = (last + DAY if last else date.min), None
        choice = [row for row in given if left_on <= row["starts_on"] <= day]
        now = max(choice, key=lambda row: (row["starts_on"], row["level"], row["level_ref"]), default=None)
        if now:
            held[person, day] = now
            if now is not before:
                ever_held[now["level_ref"]] = now
                yield day, _move(before, now)
        before, last = now, day
    for row in ever_held.values():
        if row["reviewed_on"]:
            yield row["reviewed_on"], "reviewed"
            if row["review_due_on"] and row["reviewed_on"] > row["review_due_on"]:
                yield row["reviewed_on"], "reviewed_late"


def _move(before: Row | None, now: Row) -> str:
    if before is None:
        return "first"
    return "up" if now["level"] > before["level"] else "down" if now["level"] < before["level"] else "unchanged"


def _moves(events: Counter[tuple[date, str]], start: date, end: date) -> list[int]:
    return [sum(count for (day, of), count in events.items() if of == kind and start <= day <= end) for kind in MOVES]


def _stock(recount: Recount, area: tuple[str, str], day: date, held: dict[tuple[int, date], Row]) -> list[int]:
    count: Counter[str | int] = Counter()
    for person, days in recount.days["any", area[0], area[1]].items():
        if day in days:
            level = held.get((person, day))
            count[level["level"] if level else "without"] += 1
            due_on = _due_on(level, day) if level else day
            if not due_on:
                count["no_due_day"] += 1
            elif due_on < day:
                count["overdue"] += 1
    return [count[kind] for kind in STOCK]


def _due_on(level: Row, day: date) -> date | None:
    """The day of the first review; after it none, as no review_rules.csv says when the next one is due."""
    is_reviewed = level["reviewed_on"] and level["starts_on"] <= level["reviewed_on"] <= day
    return None if is_reviewed else level["review_due_on"]

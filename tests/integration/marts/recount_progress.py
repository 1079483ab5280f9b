"""First against latest assessment, counted again person by person."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from messy_rows import SECTIONS
from recount import Recount

Answer = tuple[bool | None, int | None]  # whether it is a need, the score
DAYS = (date(2012, 12, 31), date(2013, 3, 31), date(2013, 6, 30), date(2013, 9, 30), date(2013, 11, 12))
WITH_THRESHOLD = (1, 2, 4, 6, 7)  # pathways of OASys
TOPICS = (
    [("hub", pathway, "all") for pathway in range(1, 10)]
    + [("oasys", pathway, "all") for pathway in WITH_THRESHOLD]
    + [("oasys", pathway, section) for pathway, section, *_ in SECTIONS]
)


def progress(recount: Recount) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """(as_on, group, group_by, group_value, topic) -> people, with both, once, the two-by-two, and the sums of both scores."""
    found = {}
    for day, group, there in recount.members():
        if day in DAYS:
            for group_by, group_value, people in recount._split(day, group, there):
                for topic in TOPICS:
                    answers = [list(_answers(recount, person, day, topic)) for person in people]
                    found[day, *group, group_by, group_value, *topic] = (len(people), *_count(answers, topic))
    return found


def _count(answers: list[list[Answer]], topic: tuple[str, int, str]) -> tuple[Any, ...]:
    pairs = [(made[0], made[-1]) for made in answers if len(made) > 1]
    once = sum(len(made) == 1 for made in answers)
    cells: list[int | None] = [None] * 4
    if topic[2] not in ("emotional", "finance"):
        cells = [
            sum((first[0], latest[0]) == cell for first, latest in pairs)
            for cell in ((True, True), (True, False), (False, True), (False, False))
        ]
    scored = topic[0] == "hub" or topic[2] != "all"
    sums = [sum(pair[end][1] or 0 for pair in pairs) if scored and pairs else None for end in (0, 1)]
    return len(pairs), once, *cells, *sums


def _answers(recount: Recount, person: int, day: date, topic: tuple[str, int, str]) -> Iterator[Answer]:
    """The answers that assessments gave by a day, one a day, in order."""
    instrument, pathway, section = topic
    made: dict[date, tuple[Any, ...]] = {}
    if instrument == "hub":
        for row in recount.own["hub_need", person]:
            if row["pathway"] == pathway and row["level"] is not None and row["assessed_on"] <= day:
                made[row["assessed_on"]] = max(made.get(row["assessed_on"], (-1,)), (row["level"],))
        for _, (level,) in sorted(made.items()):
            yield level >= 1, level
        return
    for row in recount.own["probation_assessment", person]:
        is_made = row["completed_on"] is not None and row["completed_on"] <= day
        if is_made and (row["instrument"], row["layer"], row["status"]) == ("OASys", "LAYER3", "complete"):
            scores = recount.scores(row["assessment_ref"])
            answer = _section(scores, section) if section != "all" else _pathway(scores, pathway)
            if answer is not None:
                this = (len(scores), row["assessment_ref"], answer)
                made[row["completed_on"]] = max(made.get(row["completed_on"], this), this, key=lambda one: one[:2])
    for _, (*_, answer) in sorted(made.items()):
        yield answer


def _section(scores: dict[tuple[str, str], int], name: str) -> Answer | None:
    [(items, threshold)] = [(items, threshold) for _, section, items, threshold in SECTIONS if section == name]
    answered = [scores[name, item] for item in items if (name, item) in scores]
    if not answered:
        return None
    return None if threshold is None else sum(answered) >= threshold, sum(answered)


def _pathway(scores: dict[tuple[str, str], int], pathway: int) -> Answer | None:
    found = [_section(scores, section) for number, section, *_ in SECTIONS if number == pathway]
    if any(answer and answer[0] for answer in found):
        return True, None
    return None if None in found else (False, None)

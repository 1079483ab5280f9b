"""Measures of a report of which one counts a part of what another counts: the one less the other is a rest that nobody prints.

A cohort with one more condition is a part of the other; so are detected crimes counted once, or those of a set of offences only.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Row, Table, Tie
from iom_warehouse.disclosure.tables import Place
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact

ALIKE = ("kind", "frozen_on", "pick", "comparison_cohort")  # of a cohort and one that is a part of it
CONDITIONS = (
    "schemes", "index_event", "custody_types", "order_types", "sex", "areas", "strand", "statutory", "troubled_family",
    "exclude_in_custody_beyond", "require_baseline_event",
)  # fmt: skip
LEAST, MOST = ("min_age",), ("max_age", "max_sentence_days")  # 18 to 24 is a part of 16 to 24
COUNTED_ALIKE = (
    "event_kind", "date_basis", "baseline_from", "baseline_to", "follow_up_from", "follow_up_to", "follow_up_days",
    "follow_up_months", "clock", "index_day_counts", "waiting_months", "comparison", "period",
)  # fmt: skip
NARROWER = ("offence_set", "exclude_breach")  # what a measure may count less by
OF_NO_CONDITION = (None, "", False, "N")
EVERYBODY = "people"


def parts(measures: Iterable[Measure]) -> Mapping[str, Mapping[str, bool]]:
    """By the table of a measure, those of the measures that it is a part of: whether in all its counts, or in its people only."""
    found: dict[str, dict[str, bool]] = {}
    for part, whole in permutations(measures, 2):
        if is_cohort_within(part.cohort, whole.cohort):
            found.setdefault(part.name, {})[whole.name] = _is_counted_within(part.definition, whole.definition)
    return found


def is_cohort_within(part: Fact, whole: Fact) -> bool:
    """Whether whoever is in the one cohort is in the other too, by their definitions."""
    if not part or not whole or any(part[name] != whole[name] for name in ALIKE):
        return False
    begins_within = all(_is_at_least(part[name], whole[name]) for name in ("index_from", *LEAST))
    ends_within = all(_is_at_most(part[name], whole[name]) for name in ("index_to", *MOST))
    return begins_within and ends_within and all(_is_narrower(part[name], whole[name]) for name in CONDITIONS)


def _is_at_least(part: Any, whole: Any) -> bool:
    return whole is None or (part is not None and part >= whole)


def _is_at_most(part: Any, whole: Any) -> bool:
    return whole is None or (part is not None and part <= whole)


def _is_counted_within(part: Fact, whole: Fact) -> bool:
    is_alike = all(part[name] == whole[name] for name in COUNTED_ALIKE)
    is_once = part["count_unit"] == whole["count_unit"] or (part["count_unit"], whole["count_unit"]) == (
        "distinct_crime",
        "offence",
    )
    return is_alike and is_once and all(_is_narrower(part[name], whole[name]) for name in NARROWER)


def _is_narrower(part: Any, whole: Any) -> bool:
    if part == whole or whole in OF_NO_CONDITION:
        return True
    return isinstance(part, str) and isinstance(whole, str) and set(part.split(";")) < set(whole.split(";"))


def rest(whole: Table, part: Table, is_all: bool) -> Table:
    """A table of which nothing is printed: what `part` leaves of `whole`, row by row that both have. `is_all`: of all counts.

    Where the whole is the smaller one, the part has something that the whole has not, and nobody knows how much.
    """
    rows, ties = [], []
    for key in [row.key for row in whole.rows if not row.parts]:
        cells: dict[str, Cell] = {}
        for name in [column.name for column in whole.columns if column.kind == "count" and (is_all or column.name == EVERYBODY)]:
            place = key, name
            if place in whole.counts and place in part.counts and whole.counts[place] >= part.counts[place]:
                left = _left(place, whole, part, cells.get(f"{EVERYBODY} left"))
                cells |= left
                ties.append(Tie(((key, name),), tuple((key, each) for each in left if each != name)))
        rows.append(Row(key, "", cells))
    columns = tuple(Column(name, "", "count", is_shown=False) for name in dict.fromkeys(n for row in rows for n in row.cells))
    return Table(f"{part.name} within {whole.name}", "", columns, tuple(rows), tuple(ties))


def _left(place: Place, whole: Table, part: Table, people: Cell | None) -> dict[str, Cell]:
    """The count of the whole, that of the part and, where they differ, what is left, of no more people than are left."""
    name, more = place[1], whole.counts[place] - part.counts[place]
    found = {
        name: replace(whole.cells[place], fact=whole.fact(place)),
        f"{name} of the part": replace(part.cells[place], fact=part.fact(place)),
    }
    if more:
        behind = min(more, people.value) if people and isinstance(people.value, int) else None
        found[f"{name} left"] = Cell(more, fact=f"{whole.fact(place)} less {part.fact(place)}", people=behind)
    return found


def of_tables(part_of: Mapping[str, Mapping[str, bool]], tables: Mapping[str, Table]) -> Iterator[Table]:
    """All of them of the tables of a report, by name."""
    for part, wholes in part_of.items():
        for whole, is_all in wholes.items():
            if part in tables and whole in tables:
                yield rest(tables[whole], tables[part], is_all)

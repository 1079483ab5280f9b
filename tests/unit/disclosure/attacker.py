"""Somebody who holds tables and knows what adds up: least and most of every hidden count, by linear programs of their own.

Counts of tables with margins bound each other by networks, of which the ends of a linear program are whole numbers.
"""

from collections.abc import Mapping, Sequence

import highspy

from iom_warehouse.disclosure import Audience, Place, ReleasedTable, Table

Known = tuple[float, float]
FAR = 10.0**9


def pinned(table: Table, released: ReleasedTable, audience: Audience) -> dict[Place, tuple[int, int]]:
    """Of a table that is published by itself."""
    return {place: ends for (_, place), ends in pinned_in([table], [released], audience).items()}


def pinned_in(
    tables: Sequence[Table], released: Sequence[ReleasedTable], audience: Audience, before: Mapping[str, Known] | None = None
) -> dict[tuple[str, Place], tuple[int, int]]:
    """Written from what the releases show, the names of counts, the ties of the tables, and what was known `before`."""
    facts: dict[str, Known] = {}
    hidden: dict[tuple[str, Place], str] = {}
    for table, shown in zip(tables, released, strict=True):
        for place in table.counts:
            fact = table.fact(place)
            low, high = (before or {}).get(fact, (0, FAR))
            printed = _printed(shown, place, audience)
            if printed is None or "<" in _text(shown, place):
                hidden[table.name, place] = fact
            least, most = printed or (0, FAR)
            old = facts.get(fact, (0, FAR))
            facts[fact] = max(old[0], low, least), min(old[1], high, most)
    at = {fact: number for number, fact in enumerate(facts)}
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for low, high in facts.values():
        solver.addVar(low, high)
    for table in tables:
        for tie in table.ties:
            terms: dict[int, float] = {}
            for places, sign in ((tie.left, 1.0), (tie.right, -1.0)):
                for place in places:
                    number = at[table.fact(place)]
                    terms[number] = terms.get(number, 0) + sign
            solver.addRow(0, 0, len(terms), list(terms), list(terms.values()))

    def end(fact: str, sign: int) -> int:
        solver.changeColCost(at[fact], sign)
        solver.run()
        value = solver.getSolution().col_value[at[fact]]
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solver.changeColCost(at[fact], 0)
        return round(value)

    return {where: (end(fact, 1), end(fact, -1)) for where, fact in hidden.items()}


def _text(shown: ReleasedTable, place: Place) -> str:
    decision = shown.decision(place)
    return decision.text if decision else ""


def _printed(shown: ReleasedTable, place: Place, audience: Audience) -> Known | None:
    """Least and most by what is printed; None where nothing is. What is not printed is hidden."""
    decision = shown.decision(place)
    if decision is None or decision.text == "c":
        return None
    if decision.text.startswith("<"):
        return 1, audience.min_count - 1
    value, half = int(decision.value or 0), audience.round_to // 2
    return (value, value) if value == 0 else (max(value - half, min(5, value)), value + half)


def is_told(count: int, ends: tuple[int, int], is_marked: bool, audience: Audience) -> bool:
    """Whether a hidden count is known more closely than its audience was promised."""
    least, most = ends
    can_be_any = not audience.rounds and least <= 1 and most >= audience.min_count - 1
    if audience.rounds or audience.is_small(count):
        return not (can_be_any or (not is_marked and most - least >= audience.min_count))
    return False

"""Somebody who holds a table and knows what adds up: least and most of every hidden count, by integer programs of their own."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from iom_warehouse.disclosure import Audience, Place, ReleasedTable, Table


def pinned(table: Table, released: ReleasedTable, audience: Audience) -> dict[Place, tuple[int, int]]:
    """Written from what the release shows and the ties of the table, and nothing else. What is not printed is hidden."""
    places = list(table.counts)
    at = {place: number for number, place in enumerate(places)}
    low, high = np.zeros(len(places)), np.full(len(places), np.inf)
    decisions = {place: released.decision(place) for place in places}
    shown = {place: int(cell.value or 0) for place, cell in decisions.items() if cell and not cell.is_hidden}
    for place, value in shown.items():
        half = audience.round_to // 2
        low[at[place]], high[at[place]] = (value, value) if value == 0 else (max(value - half, min(5, value)), value + half)
    rows = [[sum(at[p] == number and (1 if p in tie.left else -1) for p in tie.places) for number in range(len(places))]
            for tie in table.ties]  # fmt: skip
    sums = LinearConstraint(np.array(rows), 0, 0)

    def end(place: Place, sign: int) -> int:
        aim = np.zeros(len(places))
        aim[at[place]] = sign
        found = milp(aim, constraints=sums, bounds=Bounds(low, high), integrality=np.ones(len(places)))
        return round(sign * found.fun) if found.status == 0 else 10**9

    return {place: (end(place, 1), end(place, -1)) for place in places if place not in shown}

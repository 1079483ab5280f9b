"""A table of 20 x 10 x 5 counts with all its margins through disclosure control, beside one plain audit of what is hidden of it.

The reference solves two linear programs for every tenth of the hidden counts, one by one, and hides nothing. Disclosure control
looks at all of them, and again as often as it hides something more.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from audiences import BOARD, PUBLIC
from scipy.optimize import linprog
from scipy.sparse import csr_array

from iom_warehouse.disclosure import Audience, Cell, Column, Row, Table, Tie, control
from iom_warehouse.disclosure.protection import hidden_at_first

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
SHAPE = (20, 10, 5)
TENTH = 10
LIMITS = {"public": 10, "board": 30}


def cube(mean: float) -> Table:
    """Areas by crimes by ages, with the sums over each of the three: 21 x 11 x 6 counts."""
    counts = np.random.default_rng(7).negative_binomial(1, 1 / (1 + mean), SHAPE)
    for axis in range(3):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    areas, crimes, ages = (range(length) for length in counts.shape)
    columns = tuple(Column(f"c{crime}", f"c{crime}", "count") for crime in crimes)
    rows = tuple(
        Row(f"{area}:{age}", "", {f"c{crime}": Cell(int(counts[area, crime, age])) for crime in crimes})
        for area, age in product(areas, ages)
    )
    return Table("cube", "Cube", columns, rows, tuple(_ties(counts.shape)))


def _ties(shape: tuple[int, ...]) -> Iterator[Tie]:
    """Along each of the three, the last is the sum of the others."""
    for at in product(*(range(length) for length in shape)):
        for axis, last in enumerate(length - 1 for length in shape):
            if at[axis] == last:
                parts = tuple(_place((*at[:axis], each, *at[axis + 1 :])) for each in range(last))
                yield Tie((_place(at),), parts)


def _place(at: tuple[int, ...]) -> tuple[str, str]:
    return f"{at[0]}:{at[2]}", f"c{at[1]}"


def audit(table: Table, audience: Audience) -> int:
    """Least and most of every tenth count that is hidden at first; how many are hidden."""
    at = {place: number for number, place in enumerate(table.counts)}
    hidden = [place for place in hidden_at_first(table, audience) if place in at]
    entries = [(row, at[p], 1 if p in tie.left else -1) for row, tie in enumerate(table.ties) for p in tie.places]
    rows, columns, signs = zip(*entries, strict=True)
    sums = csr_array((signs, (rows, columns)), shape=(len(table.ties), len(at)))
    half = audience.round_to // 2
    ranges = [(0, None) if place in hidden else (max(0, n - half), n + half) for place, n in table.counts.items()]
    for place, sign in product(hidden[::TENTH], (1, -1)):
        aim = np.zeros(len(at))
        aim[at[place]] = sign
        linprog(aim, A_eq=sums, b_eq=np.zeros(len(table.ties)), bounds=ranges, method="highs")
    return len(hidden)


@pytest.mark.parametrize("audience", [BOARD, PUBLIC], ids=lambda audience: audience.name)
def test_a_cube_of_20_by_10_by_5(audience, stopwatch):
    table = cube(mean=12)
    reference, ours = f"{audience.name}: every tenth count by itself", f"{audience.name}: disclosure control"
    with stopwatch(reference):
        hidden = audit(table, audience)
    with stopwatch(ours):
        released = control(table, audience)
    more = sum(cell.is_hidden for row in released.rows for cell in row.cells.values())
    print(f"    {len(table.counts):,} counts, {hidden} of them hidden before the attack, {more} after it")
    stopwatch.ratio(ours, reference, LIMITS[audience.name])

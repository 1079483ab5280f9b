"""No published count of events may rest mainly on one person, or on a few."""

import pytest
from audiences import BOARD, INTERNAL, PUBLIC

from iom_warehouse.disclosure import Audience, Bounds, Cell, Column, Row, Seen, Table, Tie, control, control_all


def crimes(*groups: Cell) -> Table:
    """Crimes of groups, and the sum of them, which rests on many."""
    total = sum(cell.value for cell in groups if isinstance(cell.value, int))
    rows = (
        *(Row(f"g{number}", f"g{number}", {"crimes": cell}) for number, cell in enumerate(groups)),
        Row("all", "all", {"crimes": Cell(total, people=60, most=2)}),
    )
    ties = (Tie((("all", "crimes"),), tuple((row.key, "crimes") for row in rows[:-1])),)
    return Table("t", "T", (Column("crimes", "Crimes", "count"),), rows, ties)


def texts(table: Table, audience: Audience) -> list[str]:
    return [row.cells["crimes"].text for row in control(table, audience).rows]


MANY = Cell(100, people=40, most=6)


@pytest.mark.parametrize(
    ("cell", "board", "public"),
    [
        (Cell(45, people=4, most=20), "c", "c"),  # four people: who knows them knows what they did
        (Cell(45, people=5, most=20), "45", "45"),
        (Cell(45, people=12, most=23), "c", "c"),  # more than half of them one person's
        (Cell(46, people=12, most=23), "46", "45"),  # just half
        (Cell(45), "45", "45"),  # people themselves, or events of whom nothing is known
        (Cell(3, people=3, most=1), "<5", "c"),
        (Cell(0, people=0), "0", "0"),
    ],
)
def test_a_count_of_events_of_few_people_is_hidden(cell, board, public):
    table = Table("t", "T", (Column("crimes", "Crimes", "count"),), (Row("r", "r", {"crimes": cell}),))
    assert (texts(table, BOARD), texts(table, PUBLIC)) == ([board], [public])
    assert texts(table, INTERNAL) == [str(cell.value)]


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_it_cannot_be_told_from_the_sum_either(audience):
    shown = texts(crimes(Cell(45, people=12, most=30), MANY, Cell(60, people=20, most=5)), audience)
    assert shown[0] == "c" and shown.count("c") == 2


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_what_is_made_of_it_is_hidden_too(audience):
    columns = (Column("crimes", "Crimes", "count"), Column("change", "Change", "rate", made_of=("crimes",)))
    row = Row("r", "r", {"crimes": Cell(90, people=50, most=60), "change": Cell(10, numerator=90, denominator=50)})
    assert [cell.text for cell in control(Table("t", "T", columns, (row,)), audience).rows[0].cells.values()] == ["c", "c"]


def test_what_the_board_knows_from_elsewhere_does_not_tell_it():
    """60 crimes would go with the 45, but the board has seen them: the 100 or the sum have to go too."""
    table = crimes(Cell(45, people=12, most=30), MANY, Cell(60, people=20, most=5))
    seen = Seen(shown={table.fact(("g2", "crimes")): Bounds(60, 60)})
    [released] = control_all([table], BOARD, None, seen)
    shown = {row.key: row.cells["crimes"].text for row in released.rows}
    assert shown["g0"] == "c" and "c" in (shown["g1"], shown["all"]), shown

"""The decision on every cell of a table, in the order that keeps it safe.

Rates were worked out from true counts before they came here. Small counts are hidden first, then what would give a hidden count
away, then the rates made of hidden counts; what is left is rounded.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.tables import Cell, Column, Decision, Place, ReleasedRow, ReleasedTable, Row, Status, Table
from iom_warehouse.disclosure.ties import close_ties

HIDDEN = "c"


def control(table: Table, audience: Audience) -> ReleasedTable:
    """What `audience` may see of `table`."""
    hidden: dict[Place, Status] = {place: "suppressed" for place in _small(table, audience)}
    hidden |= {
        place: "suppressed_with_another" for place in close_ties(_counts(table), table.ties, set(hidden), audience.min_count)
    }
    hidden |= {place: "suppressed" for place in _made_of_hidden(table, hidden)}
    return ReleasedTable(
        table.name,
        table.title,
        tuple((column.name, column.title) for column in table.columns),
        tuple(_release(row, table.columns, hidden, audience) for row in table.rows),
    )


def count_in_words(count: int, audience: Audience) -> str:
    """A count within a sentence, as the audience may see it."""
    if audience.is_small(count):
        return f"fewer than {audience.min_count}"
    return f"about {rounded(count, audience):,}" if audience.rounds and count else f"{count:,}"


def rounded(count: int, audience: Audience) -> int:
    """The nearest multiple of the audience's `round_to`, half upwards. The same count always gives the same."""
    steps = (Decimal(count) / audience.round_to).quantize(Decimal(1), ROUND_HALF_UP)
    return int(steps) * audience.round_to


def _small(table: Table, audience: Audience) -> set[Place]:
    return {
        (row.key, column.name)
        for row in table.rows
        for column in table.columns
        if (cell := row.cells.get(column.name)) and not cell.is_missing and _is_unsafe(cell, column, audience)
    }


def _is_unsafe(cell: Cell, column: Column, audience: Audience) -> bool:
    if column.kind == "count":
        return isinstance(cell.value, int) and audience.is_small(cell.value)
    if column.kind == "plain" or cell.denominator is None:
        return False
    if cell.denominator < audience.min_denominator or audience.is_small(cell.denominator):
        return True
    numerator = cell.numerator
    if numerator is None:
        return False
    # where counts are rounded, those who are not counted must not be found either
    return audience.is_small(numerator) or (audience.rounds and audience.is_small(cell.denominator - numerator))


def _counts(table: Table) -> Mapping[Place, int]:
    counting = [column.name for column in table.columns if column.kind == "count"]
    return {
        (row.key, name): cell.value
        for row in table.rows
        for name in counting
        if (cell := row.cells.get(name)) and isinstance(cell.value, int)
    }


def _made_of_hidden(table: Table, hidden: Mapping[Place, Status]) -> set[Place]:
    return {
        (row.key, column.name)
        for row in table.rows
        for column in table.columns
        if (row.key, column.name) not in hidden
        and not row.cells.get(column.name, Cell()).is_missing
        and any((row.key, part) in hidden for part in column.made_of)
    }


def _release(row: Row, columns: tuple[Column, ...], hidden: Mapping[Place, Status], audience: Audience) -> ReleasedRow:
    cells = {column.name: row.cells.get(column.name, Cell()) for column in columns}
    return ReleasedRow(
        row.key,
        row.label,
        row.group,
        {column.name: _decide(cells[column.name], column, hidden.get((row.key, column.name)), audience) for column in columns},
        {name: cell.context or row.context for name, cell in cells.items()},
    )


def _decide(cell: Cell, column: Column, hidden: Status | None, audience: Audience) -> Decision:
    def in_words(count: int) -> str:
        return count_in_words(count, audience)

    if cell.is_missing:
        return Decision("missing", cell.missing)
    if hidden:
        says_size = hidden == "suppressed" and column.kind == "count" and not audience.rounds
        return Decision(hidden, f"<{audience.min_count}" if says_size else HIDDEN)
    if column.kind == "count" and isinstance(cell.value, int) and audience.rounds:
        value = rounded(cell.value, audience)
        return Decision("rounded", f"{value:,}", Decimal(value), note=cell.note)
    number = Decimal(cell.value) if isinstance(cell.value, int | Decimal) else None
    is_flagged = column.kind == "rate" and cell.denominator is not None and cell.denominator < audience.flag_denominator
    note = "; ".join(
        filter(None, (cell.note, f"of fewer than {audience.flag_denominator} people: treat with caution" if is_flagged else ""))
    )
    return Decision("flagged" if is_flagged else "shown", column.show(cell, in_words), number, cell.interval, note)

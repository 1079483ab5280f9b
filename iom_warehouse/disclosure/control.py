"""What an audience sees of every cell.

Rates were worked out from true counts before they came here. Groups of which nearly nothing could be shown are joined (see
merging), what is hidden is decided (see protection), and what is left is rounded.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.merging import merged, with_sums
from iom_warehouse.disclosure.protection import NOTHING_SEEN, Seen, protect, worked_out
from iom_warehouse.disclosure.tables import (
    Bounds,
    Cell,
    Column,
    Decision,
    Fact,
    Place,
    ReleasedRow,
    ReleasedTable,
    Row,
    Status,
    Table,
)

HIDDEN = "c"


def control(table: Table, audience: Audience) -> ReleasedTable:
    """What `audience` may see of a table that is published by itself."""
    [released] = control_all([table], audience)
    return released


def control_all(
    tables: Sequence[Table],
    audience: Audience,
    released_before: Mapping[str, Collection[int]] | None = None,
    seen: Seen = NOTHING_SEEN,
) -> list[ReleasedTable]:
    """What `audience` may see of tables that are published together, in their order.

    `released_before`: all that it has seen of a count, by its fact. `seen`: what it holds from other reports. Raises
    ReleaseBlocked when hidden counts could be worked out all the same.
    """
    tables = with_sums([merged(table, audience) for table in tables], {*(released_before or ()), *seen.known})
    hidden, still_seen = protect(tables, audience, released_before, seen)
    known = worked_out(tables, hidden, audience, still_seen)
    return [
        ReleasedTable(
            table.name,
            table.title,
            tuple((column.name, column.title) for column in table.columns if column.is_shown),
            tuple(_release(table, row, hidden[table.name], known, audience) for row in table.rows if row.is_shown),
        )
        for table in tables
    ]


def count_in_words(count: int, audience: Audience) -> str:
    """A count within a sentence, as the audience may see it. Where counts are rounded no mark says that one is small."""
    if audience.is_small(count):
        return HIDDEN if audience.rounds else f"fewer than {audience.min_count}"
    return f"about {rounded(count, audience):,}" if audience.rounds and count else f"{count:,}"


def rounded(count: int, audience: Audience) -> int:
    """The nearest multiple of the audience's `round_to`, half upwards. The same count always gives the same."""
    steps = (Decimal(count) / audience.round_to).quantize(Decimal(1), ROUND_HALF_UP)
    return int(steps) * audience.round_to


def _release(
    table: Table, row: Row, hidden: Mapping[Place, Status], known: Mapping[Fact, Bounds], audience: Audience
) -> ReleasedRow:
    columns = [column for column in table.columns if column.is_shown]
    cells = {column.name: row.cells.get(column.name, Cell()) for column in columns}
    facts = {name: table.fact((row.key, name)) for name in row.cells if (row.key, name) in table.counts}
    return ReleasedRow(
        row.key,
        row.label,
        row.group,
        {column.name: _decide(cells[column.name], row.key, column, hidden, audience) for column in columns},
        {name: cell.context or row.context for name, cell in cells.items()},
        {name: fact for name, fact in facts.items() if name in cells},
        row.parts,
        {fact: known[fact] for fact in facts.values() if fact in known},
    )


def _decide(cell: Cell, key: str, column: Column, hidden: Mapping[Place, Status], audience: Audience) -> Decision:
    is_told = not any((key, name) in hidden for name in column.numbers_with)

    def in_words(count: int) -> str:
        return count_in_words(count, audience) if is_told else HIDDEN

    if cell.is_missing:
        return Decision("missing", cell.missing)
    if status := hidden.get((key, column.name)):
        is_small = column.kind == "count" and isinstance(cell.value, int) and audience.is_small(cell.value)
        says_size = status == "suppressed" and is_small and audience.marks_small
        return Decision(status, f"<{audience.min_count}" if says_size else HIDDEN)
    if column.kind == "count" and isinstance(cell.value, int) and audience.rounds:
        value = rounded(cell.value, audience)
        return Decision("rounded", f"{value:,}", Decimal(value), note=cell.note)
    number = Decimal(cell.value) if isinstance(cell.value, int | Decimal) else None
    is_flagged = column.kind == "rate" and cell.of_people is not None and cell.of_people < audience.flag_denominator
    note = "; ".join(
        filter(None, (cell.note, f"of fewer than {audience.flag_denominator}: treat with caution" if is_flagged else ""))
    )
    text = (cell.show or column.show)(cell, in_words)
    if not text:
        return Decision("missing", cell.missing)
    return Decision("flagged" if is_flagged else "shown", text, number, cell.interval, note)

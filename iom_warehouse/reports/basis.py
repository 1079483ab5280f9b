"""The true counts behind published figures, kept in the ledger for those who trace a figure; no page shows them."""

from collections.abc import Iterable, Iterator

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from iom_warehouse.reports.drafts import Published

STORE = """
    insert into audit.figure_basis (report_id, table_name, row_order, column_order, counted, numerator, denominator, made_of)
    values %s
"""


def store(cursor: Cursor, report_id: int, published: Iterable[Published]) -> None:
    """Keep the counts of every figure that is one or is worked out of some."""
    execute_values(cursor, STORE, [row for one in published for row in _rows(report_id, one)], page_size=1000)


def _rows(report_id: int, one: Published) -> Iterator[tuple]:
    true_cells = {row.key: row.cells for row in one.draft.table.rows}
    columns = {column.name: column for column in one.draft.table.columns}
    for row_order, row in enumerate(one.table.rows, 1):
        for column_order, (name, _) in enumerate(one.table.columns, 1):
            cell = true_cells.get(row.key, {}).get(name)
            if cell is None:
                continue
            counted = cell.value if columns[name].kind != "rate" and isinstance(cell.value, int) else None
            counts = (counted, cell.numerator, cell.denominator)
            if counts != (None, None, None):
                yield (report_id, one.table.name, row_order, column_order, *counts, list(columns[name].made_of))

"""Disclosure control: everything that is published goes through `control`, which decides cell by cell what an audience sees."""

from iom_warehouse.disclosure.audiences import Audience, read
from iom_warehouse.disclosure.control import control, count_in_words
from iom_warehouse.disclosure.tables import Cell, Column, Context, Decision, Place, ReleasedRow, ReleasedTable, Row, Table, Tie

__all__ = [
    "Audience", "Cell", "Column", "Context", "Decision", "Place", "ReleasedRow", "ReleasedTable", "Row", "Table", "Tie",
    "control", "count_in_words", "read",
]  # fmt: skip

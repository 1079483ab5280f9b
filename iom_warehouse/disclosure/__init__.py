"""Disclosure control: everything that is published goes through `control`, which decides cell by cell what an audience sees."""

from iom_warehouse.disclosure.attack import ReleaseBlocked, as_shown
from iom_warehouse.disclosure.audiences import Audience, read
from iom_warehouse.disclosure.control import control, control_all, count_in_words, rounded
from iom_warehouse.disclosure.elsewhere import Shown, known, told, worked_out_before
from iom_warehouse.disclosure.merging import merged
from iom_warehouse.disclosure.protection import Seen
from iom_warehouse.disclosure.tables import (
    Bounds,
    Cell,
    Column,
    Context,
    Decision,
    Grouping,
    Interval,
    Place,
    ReleasedRow,
    ReleasedTable,
    Row,
    Says,
    Table,
    Tie,
)

__all__ = [
    "Audience", "Bounds", "Cell", "Column", "Context", "Decision", "Grouping", "Interval", "Place", "ReleaseBlocked",
    "ReleasedRow", "ReleasedTable", "Row", "Says", "Seen", "Shown", "Table", "Tie", "as_shown", "control", "control_all",
    "count_in_words", "known", "merged", "read", "rounded", "told", "worked_out_before",
]  # fmt: skip

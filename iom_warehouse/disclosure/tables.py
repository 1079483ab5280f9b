"""Tables on their way to an audience: true figures go in (`Table`), and only what may be seen comes out (`ReleasedTable`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Literal

Value = Decimal | int | str | None
Interval = tuple[Decimal, Decimal]
Fact = str  # the name of one true count, wherever it stands
Place = tuple[str, str]  # key of a row, name of a column
JOINED = " + "  # between the facts of the parts, in the name of what a joined group counts
Status = Literal["shown", "rounded", "flagged", "suppressed", "suppressed_with_another", "missing"]
InWords = Callable[[int], str]
Show = Callable[["Cell", InWords], str]
Says = Callable[[int, int], tuple[Decimal | None, Interval | None]]


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a count can be; the most may be infinite."""

    low: float = 0
    high: float = inf

    @property
    def width(self) -> float:
        return self.high - self.low

    def within(self, low: float, high: float) -> "Bounds":
        return Bounds(max(self.low, low), min(self.high, high))


@dataclass(frozen=True)
class Tie:
    """Counts on the left add up to those on the right, so any one of them can be worked out from the others."""

    left: tuple[Place, ...]
    right: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        return (*self.left, *self.right)


@dataclass(frozen=True)
class Context:
    """What a figure belongs to; stored with it."""

    measure_id: str | None = None
    measure_version: str | None = None
    cohort_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    horizon_days: int | None = None
    data_cut: date | None = None
    maturity: str | None = None


@dataclass(frozen=True)
class Cell:
    """A true figure. `denominator` and `numerator` are the counts that a rate, or a change, is made of.

    A cell without value and interval is missing, and `missing` says why. `context` stands in for that of the row, `show` for that
    of the column. `says` works out of two counts what this cell would show of them. `fact` names the true count where it stands
    in other tables too. Of a count of events, or of people some of whom are counted several times, `people` is how many are
    behind it, and `most` how much of it one of them has, where that is known; of a rate, how many people it is of where its
    denominator does not say so.
    """

    value: Value = None
    interval: Interval | None = None
    numerator: int | None = None
    denominator: int | None = None
    missing: str = "not available"
    note: str = ""
    context: Context | None = None
    show: Show | None = None
    says: Says | None = None
    fact: str = ""
    people: int | None = None
    most: int | None = None

    @property
    def is_missing(self) -> bool:
        return self.value is None and self.interval is None

    @property
    def of_people(self) -> int | None:
        """How many people a rate is of."""
        return self.denominator if self.people is None else self.people


def plainly(cell: Cell, in_words: InWords) -> str:
    """The value as it is; a number with thousands separated."""
    return f"{cell.value:,}" if isinstance(cell.value, int | Decimal) else str(cell.value)


@dataclass(frozen=True)
class Column:
    """`count`: people or events. `rate`: worked out from counts. `plain`: says nothing about single people, such as a date.

    `made_of` names columns of the same row from which this one is worked out: it is hidden where one of them is. `of` names the
    numerator and the denominator of a rate; the numerator of a share is part of its denominator. A column that is not shown holds
    counts that nobody prints but that can be worked out, such as those behind a change. `show` puts a cell into words; what it is
    given beside the cell words a count within it as the audience may see it; where no word is left, the cell is missing.
    `adds_up`: the counts of areas that make up a whole are together that of the whole. `numbers_with` names columns of the same
    row that the counts within the words of this one go with: where one of those is hidden, so are these counts, and the words
    stay. `tells_counts`: one that gives counts of its row away to whoever sees them rounded, and is hidden from those.
    """

    name: str
    title: str
    kind: Literal["count", "rate", "plain"]
    show: Show = plainly
    made_of: tuple[str, ...] = ()
    of: tuple[str, str] | None = None
    is_share: bool = False
    is_shown: bool = True
    adds_up: bool = True
    numbers_with: tuple[str, ...] = ()
    tells_counts: bool = False


@dataclass(frozen=True)
class Row:
    """A row that is not shown holds counts that nobody prints. `parts`: keys of the rows that it was joined of."""

    key: str
    label: str
    cells: Mapping[str, Cell]
    group: str = ""
    context: Context = field(default_factory=Context)
    is_shown: bool = True
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grouping:
    """Rows of one kind of group, each person or event in one of them, which may be joined into larger groups.

    `blocks`: keys of rows; only those of a block are joined. `joins`: `neighbours` that follow each other, `any`, or all that are
    joined into one `rest`. `together`: the row of several, from their keys, with counts that are theirs added up, and rates of
    these.
    """

    blocks: tuple[tuple[str, ...], ...]
    joins: Literal["neighbours", "any", "rest"]
    together: Callable[[tuple[str, ...]], Row]


@dataclass(frozen=True)
class Table:
    """A whole table with its margins: `ties` names the cells that add up, `groupings` the rows that may be joined.

    `counts_of`: what its counts are named after, where the name of the table can be another one in a later release.
    `goes_on`: its counts go on from release to release, whatever days they have reached, so they are named after no day.
    `never_nought`: the column of counts without any of which a row would not be there; none where its rows are always the same.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    ties: tuple[Tie, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    counts_of: str = ""
    goes_on: bool = False
    never_nought: str = ""

    @cached_property
    def cells(self) -> Mapping[Place, Cell]:
        """Every cell that has a value, by its place."""
        names = [column.name for column in self.columns]
        return {
            (row.key, name): cell for row in self.rows for name in names if (cell := row.cells.get(name)) and not cell.is_missing
        }

    @cached_property
    def counts(self) -> Mapping[Place, int]:
        """The true counts of people and events, by place."""
        counting = {column.name for column in self.columns if column.kind == "count"}
        return {place: cell.value for place, cell in self.cells.items() if place[1] in counting and isinstance(cell.value, int)}

    @cached_property
    def is_shown(self) -> Callable[[Place], bool]:
        """Whether a place is printed, if it is not hidden."""
        names = {column.name for column in self.columns if column.is_shown}
        keys = {row.key for row in self.rows if row.is_shown}
        return lambda place: place[0] in keys and place[1] in names

    def fact(self, place: Place) -> Fact:
        """The name of the true count in a place, by which other tables and later releases know it."""
        cell = self.cells[place]
        return cell.fact or self.name_of(place, cell.context or self._contexts[place[0]])

    def name_of(self, place: Place, about: Context) -> str:
        """The name of a count that stands in a place and is given none of its own."""
        days = "so far" if self.goes_on else f"{about.period_start} to {about.period_end}"
        return f"{self.counts_of or self.name} / {place[0]} / {place[1]} / {days}, {about.horizon_days or 'no'} days"

    @cached_property
    def _contexts(self) -> Mapping[str, Context]:
        return {row.key: row.context for row in self.rows}


@dataclass(frozen=True)
class Decision:
    """What an audience sees of a cell. A hidden cell has no value and no interval."""

    status: Status
    text: str
    value: Decimal | None = None
    interval: Interval | None = None
    note: str = ""

    @property
    def is_hidden(self) -> bool:
        return self.status in ("suppressed", "suppressed_with_another")


@dataclass(frozen=True)
class ReleasedRow:
    key: str
    label: str
    group: str
    cells: Mapping[str, Decision]
    contexts: Mapping[str, Context]
    facts: Mapping[str, str] = field(default_factory=dict)  # of its counts, by column
    parts: tuple[str, ...] = ()  # keys of the rows that it stands for
    worked_out: Mapping[Fact, Bounds] = field(default_factory=dict)  # of its counts that are not shown, by fact


@dataclass(frozen=True)
class ReleasedTable:
    """What may be published of a table: names, titles, and a decision for every cell."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]  # name and title
    rows: tuple[ReleasedRow, ...]

    def decision(self, place: Place) -> Decision | None:
        """What became of a cell; None where the table has no such cell."""
        return next((row.cells.get(place[1]) for row in self.rows if row.key == place[0]), None)

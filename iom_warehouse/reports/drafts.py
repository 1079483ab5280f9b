"""A table of a report before disclosure control, with what is said about it afterwards, from what may be seen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedTable, Row, Table
from iom_warehouse.disclosure.audiences import READERS_OF_FREE_TEXT

if TYPE_CHECKING:
    from iom_warehouse.reports.measures import Measure

Says = Callable[[ReleasedTable], str]
LABEL = "label"


def nothing(_: ReleasedTable) -> str:
    return ""


@dataclass(frozen=True)
class Draft:
    """A table, where it stands in the report, and what is said of it.

    * `table`: its figures, before disclosure control.
    * `section`: the section of the report that it stands in.
    * `meaning`: puts the released figures into plain English.
    * `when_empty`: stands in the place of a table without rows.
    * `caveat`: what the figures do not mean.
    * `headline`: what stands of it at the front of the report.
    * `charts`: the names of drawings of it.
    * `measure`: measure, version and cohort, where it has one of each.
    * `of_measure`: the measure whose figures in this table may have been printed elsewhere too.
    * `source_systems`: the feeds that it needs.
    * `people_from`: the feeds that say whom a cohort has. One will do; what the others lack is said.
    * `asked_of`: the feeds of which each tells a part of the same figures. Where one never came, the figures are of the others.
    * `columns_from`: by feed, the columns that need it. The other columns do without.
    * `row_heading`: what its rows are.
    * `unreached`: sentences on feeds whose data end before the period begins (see `reach`).
    * `rule_parameters`: what the rules behind it were set to, kept beside the figures.
    * `part_of`: the tables that count what it counts and more: whether in all counts, or in their people only (see `overlaps`).
    * `free_text`: the columns with words that somebody of an agency wrote; `LABEL` where every row is called by such words.
    * `free_groups`: the groups whose rows are called by such words. Who may read these and `free_text`: see `readable_by`.
    """

    table: Table
    section: str
    meaning: Says
    when_empty: str
    caveat: str = ""
    headline: Says = nothing
    charts: tuple[str, ...] = ()
    measure: Context = field(default_factory=Context)
    of_measure: "Measure | None" = None
    source_systems: tuple[str, ...] = ()
    people_from: tuple[str, ...] = ()
    asked_of: tuple[str, ...] = ()
    columns_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row_heading: str = "Group"
    unreached: tuple[str, ...] = ()
    rule_parameters: Mapping[str, Any] = field(default_factory=dict)
    part_of: Mapping[str, bool] = field(default_factory=dict)
    free_text: tuple[str, ...] = ()
    free_groups: tuple[str, ...] = ()

    @property
    def feeds(self) -> tuple[str, ...]:
        """All feeds that its figures rest on, each once: who is counted is as much a part of a figure as what is."""
        return tuple(dict.fromkeys((*self.source_systems, *self.people_from, *self.asked_of, *self.columns_from)))


def readable_by(drafts: Iterable[Draft], audience: str) -> Iterator[Draft]:
    """What an audience may read: free text is for the partnership and its board, since nobody has looked it through for names.

    Any other audience that a partnership configures, the public among them, gets the tables without these columns and groups of
    rows, and those whose rows are all called by free text not at all.
    """
    for draft in drafts:
        if audience in READERS_OF_FREE_TEXT:
            yield draft
        elif LABEL not in draft.free_text:
            columns = tuple(column for column in draft.table.columns if column.name not in draft.free_text)
            rows = tuple(row for row in draft.table.rows if row.group not in draft.free_groups)
            kept = {row.key for row in rows}
            ties = tuple(tie for tie in draft.table.ties if all(key in kept for key, _ in tie.places))
            yield replace(draft, table=replace(draft.table, columns=columns, rows=rows, ties=ties))


@dataclass(frozen=True)
class Published:
    """A draft with what was released of its table."""

    draft: Draft
    table: ReleasedTable


def plain(**titles: str) -> tuple[Column, ...]:
    """Columns about deliveries and records, not about people: nothing in them is hidden."""
    return tuple(Column(name, title, "plain") for name, title in titles.items())


def rows_of(labelled: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[Row, ...]:
    """Rows by their label, keyed by their place; a value that is no cell becomes one."""
    return tuple(
        Row(str(place), label, {name: value if isinstance(value, Cell) else Cell(value) for name, value in values.items()})
        for place, (label, values) in enumerate(labelled)
    )

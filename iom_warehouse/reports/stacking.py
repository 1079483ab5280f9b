"""Tables of several areas protected as one, so that no report of one area gives away what that of another hides.

A profile of one area by itself could show the very count that had to go from another area's, or from the table of the whole, so
that nobody subtracts. So the tables of the whole partnership and of the areas of every level are put on top of each other, tied
to those that they lie in, protected together, and only then cut apart.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from iom_warehouse.disclosure import Grouping, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports.scope import WHOLE, Area

Keys = Mapping[str, str]  # key in the stacked table by that in the area's own


@dataclass(frozen=True)
class Stack:
    """A stacked table, with the tables that it was made of."""

    table: Table
    own: Mapping[Area, Table]

    def cut(self, released: ReleasedTable, area: Area) -> ReleasedTable:
        """What was released of the area's own table, in the words of that table.

        In the place of a row that was joined with others stands the row that it was joined to.
        """
        standing = {key: row for row in released.rows for key in (row.key, *row.parts)}
        own = self.own[area]
        cut = {}
        for row in own.rows:
            found = standing[stacked(row.key, area)]
            in_own_words = found if found.parts else replace(found, key=row.key, label=row.label, group=row.group)
            cut[in_own_words.key] = in_own_words
        return replace(released, title=own.title, rows=tuple(cut.values()))

    def uncut(self, area: Area) -> Table:
        """The area's own table with its true figures, and rows that were joined."""
        own = self.own[area]
        return replace(own, rows=(*own.rows, *(row for row in self.table.rows if row.parts)))


def stack(tables: Mapping[Area, Table]) -> Stack:
    """Put tables of the same name on top of each other. `tables`: by area, the whole partnership first where it has one.

    A row that several of them have is one row, in the words of the first, with the counts of all.
    """
    keys = {area: {row.key: stacked(row.key, area) for row in table.rows} for area, table in tables.items()}
    rows: dict[str, Row] = {}
    for area, table in tables.items():
        for row in table.rows:
            key = keys[area][row.key]
            before = rows.get(key, row)
            rows[key] = replace(before, key=key, cells={**row.cells, **before.cells})
    ties = tuple(dict.fromkeys(tie for area, table in tables.items() for tie in _moved(table.ties, keys[area])))
    first = next(iter(tables.values()))
    groupings = tuple(grouping for area, table in tables.items() for grouping in _moved_groupings(table.groupings, keys[area]))
    return Stack(replace(first, rows=tuple(rows.values()), ties=(*ties, *_across(tables, keys)), groupings=groupings), tables)


def stacked(key: str, area: Area) -> str:
    """The key in the stack. One that names its area already is the same row as in the table of the whole."""
    return key if area.is_whole or area.key in key else f"{area.key}|{key}"


def _moved(ties: Sequence[Tie], keys: Keys) -> list[Tie]:
    sides = [[tuple((keys.get(key, key), name) for key, name in side) for side in (tie.left, tie.right)] for tie in ties]
    return [Tie(left, right) for left, right in sides]


def _moved_groupings(groupings: Sequence[Grouping], keys: Keys) -> Iterator[Grouping]:
    own = {key: before for before, key in keys.items()}
    for grouping in groupings:

        def together(group: tuple[str, ...], grouping: Grouping = grouping) -> Row:
            return grouping.together(tuple(own[key] for key in group))

        yield replace(grouping, blocks=tuple(tuple(keys[key] for key in block) for block in grouping.blocks), together=together)


def _across(tables: Mapping[Area, Table], keys: Mapping[Area, Keys]) -> list[Tie]:
    """Each count of the whole is the sum of those of each level, and each of an area the sum of those of the areas within it."""
    stacked_keys = {area: {own.replace(area.key, WHOLE.key): key for own, key in keys[area].items()} for area in tables}
    return [
        Tie(((key, column.name),), tuple((stacked_keys[area][own], column.name) for area in having))
        for whole, areas in _made_up(tables)
        for own, key in stacked_keys[whole].items()
        if (having := [area for area in areas if own in stacked_keys[area]])
        for column in tables[whole].columns
        if column.kind == "count" and column.adds_up
    ]


def _made_up(areas: Collection[Area]) -> Iterator[tuple[Area, list[Area]]]:
    """The whole with the areas of each level, and each area with those that lie in it."""
    for level in dict.fromkeys(area.level for area in areas if WHOLE in areas and not area.is_whole):
        yield WHOLE, [area for area in areas if area.level == level]
    for whole in areas:
        if parts := [area for area in areas if area.parent == whole.code]:
            yield whole, parts

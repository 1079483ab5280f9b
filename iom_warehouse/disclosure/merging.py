"""Groups that are joined into larger ones where hiding small numbers would leave nearly nothing of them.

Age bands that touch, areas that lie in one, and small agencies become one group, step by step from the smallest on, until
enough of them can be shown. The counts of a joined group are those of its parts added up, and named after them, so that a later
report which shows the parts is known to tell of the same people.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.protection import hidden_at_first
from iom_warehouse.disclosure.tables import JOINED, Cell, Grouping, Place, Row, Table, Tie

NEARLY_ALL = 0.8  # of the counts and rates of a kind of group
FEWEST_GROUPS = 2  # one group would be everyone, who has a row already

Group = tuple[str, ...]  # keys of the rows that it is made of
Blocks = list[list[Group]]


def merged(table: Table, audience: Audience) -> Table:
    """The table with groups joined as this audience needs it; the same where enough is shown, or joining does not help.

    Rows of parts stay in it unseen, tied to what they were joined to, so that the attacker knows of them.
    """
    for grouping in table.groupings if audience.min_count else ():
        blocks: Blocks = [[(key,) for key in block] for block in grouping.blocks]
        now: Table | None = table
        while now and _is_nearly_all_hidden(now, blocks, audience):
            blocks = _with_one_joined(table, grouping, blocks)
            now = _joined(table, grouping, blocks) if blocks else None
        table = now or table
    return replace(table, groupings=())


def sums(facts: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """What joined groups count, by their facts, of those whose parts are all in `counts`."""
    named = {fact: fact.split(JOINED) for fact in facts if JOINED in fact}
    return {fact: sum(counts[part] for part in parts) for fact, parts in named.items() if set(parts) <= counts.keys()}


def with_sums(tables: Sequence[Table], facts: Collection[str]) -> list[Table]:
    """The tables with the counts of joined groups that an audience was shown before, as rows that are not shown now."""
    return [_with_sums(table, facts) for table in tables]


def _with_sums(table: Table, facts: Collection[str]) -> Table:
    places = {table.fact(place): place for place in table.counts}
    found: dict[Group, dict[str, Cell]] = {}
    for fact in sorted(sums(facts, dict.fromkeys(places, 0)).keys() - places.keys()):
        parts = [places[part] for part in fact.split(JOINED)]
        if len({name for _, name in parts}) == 1:
            cell = Cell(sum(table.counts[part] for part in parts), fact=fact)
            found.setdefault(tuple(key for key, _ in parts), {})[parts[0][1]] = cell
    rows = [Row(_key(group), "", cells, is_shown=False, parts=group) for group, cells in found.items()]
    ties = [Tie(((row.key, name),), tuple((part, name) for part in row.parts)) for row in rows for name in row.cells]
    return replace(table, rows=(*table.rows, *rows), ties=(*table.ties, *ties)) if rows else table


def _is_nearly_all_hidden(table: Table, blocks: Blocks, audience: Audience) -> bool:
    keys = {_key(group) for block in blocks for group in block}
    figures = {column.name for column in table.columns if column.is_shown and column.kind != "plain"}
    places = {place for place in table.cells if place[0] in keys and place[1] in figures}
    return bool(places) and len(places & hidden_at_first(table, audience).keys()) >= NEARLY_ALL * len(places)


def _with_one_joined(table: Table, grouping: Grouping, blocks: Blocks) -> Blocks:
    """The smallest group and the smallest one that it may be joined with are one; nothing where too few are left."""
    if sum(len(block) for block in blocks) <= FEWEST_GROUPS:
        return []
    pairs = [(number, pair) for number, block in enumerate(blocks) for pair in _pairs(grouping, block)]
    if not pairs:
        return []

    def size(group: Group) -> int:
        """Of what the first column counts."""
        first = next(column.name for column in table.columns if column.kind == "count")
        return sum(table.counts.get((key, first), 0) for key in group)

    number, (one, other) = min(pairs, key=lambda found: sorted(map(size, found[1])))
    both = tuple(sorted((*one, *other), key=grouping.blocks[number].index))
    block = [both if group == one else group for group in blocks[number] if group != other]
    return [*blocks[:number], block, *blocks[number + 1 :]]


def _pairs(grouping: Grouping, block: Sequence[Group]) -> Iterable[tuple[Group, Group]]:
    if grouping.joins == "neighbours":
        return pairwise(block)
    rest = [group for group in block if len(group) > 1] if grouping.joins == "rest" else []
    return [pair for pair in combinations(block, 2) if not rest or rest[0] in pair]


def _joined(table: Table, grouping: Grouping, blocks: Blocks) -> Table:
    """The table with the row of each group of several where the first of its parts was, and the parts unseen."""
    groups = {group[0]: group for block in blocks for group in block if len(group) > 1}
    parts = {key for group in groups.values() for key in group}
    rows: list[Row] = []
    for row in table.rows:
        if row.key in groups:
            rows.append(_row(table, grouping, groups[row.key]))
        rows.append(replace(row, is_shown=False) if row.key in parts else row)
    counted = replace(table, rows=tuple(rows)).counts
    ties = tuple(dict.fromkeys(
        Tie(_over(tie.left, groups.values(), counted), _over(tie.right, groups.values(), counted)) for tie in table.ties
    ))  # fmt: skip
    own = tuple(tie for group in groups.values() for tie in _sums_of(group, table, counted))
    return replace(table, rows=tuple(rows), ties=(*ties, *own))


def _row(table: Table, grouping: Grouping, group: Group) -> Row:
    row = grouping.together(group)
    cells = dict(row.cells)
    for name, cell in cells.items():
        parts = [(key, name) for key in group]
        if isinstance(cell.value, int) and set(parts) <= table.counts.keys():
            cells[name] = replace(cell, fact=JOINED.join(sorted(table.fact(part) for part in parts)))
    return replace(row, key=_key(group), cells=cells, parts=group)


def _over(side: tuple[Place, ...], groups: Iterable[Group], counted: Collection[Place]) -> tuple[Place, ...]:
    """One side of a tie, with the count of a group in the place of those of all its parts."""
    for group in groups:
        for name in dict.fromkeys(name for key, name in side if key in group):
            parts, whole = [(key, name) for key in group], (_key(group), name)
            if whole in counted and set(parts) <= set(side):
                side = (*(place for place in side if place not in parts), whole)
    return side


def _sums_of(group: Group, table: Table, counted: Collection[Place]) -> Iterator[Tie]:
    for column in table.columns:
        parts, whole = tuple((key, column.name) for key in group), (_key(group), column.name)
        if whole in counted and set(parts) <= table.counts.keys():
            yield Tie((whole,), parts)


def _key(group: Group) -> str:
    return "+".join(group)

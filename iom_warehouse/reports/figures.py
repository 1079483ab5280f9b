"""What the tables of counts have in common: contexts, shares with their intervals, waits, and counts that are part of others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, Row, Table, Tie
from iom_warehouse.reports import ratios, wording
from iom_warehouse.reports.scope import Kind, Scope
from iom_warehouse.reports.source import Fact, Source
from iom_warehouse.reports.stacking import stacked

# A period without anything gives way to the last one of a year that has something.
WITHIN_A_YEAR = "period_start <= %(last)s and period_start > %(first)s - interval '1 year'"
# Of marts that know quarters only: those that have ended when the period ends.
QUARTERS_ENDED = "period_start + interval '3 months' <= %(last)s::date + 1 and period_start > %(first)s - interval '1 year'"
FINER: Mapping[Kind, Kind] = {"year": "quarter", "quarter": "month"}
MORE = "{}_more_than_once"
NOT_OF_A_YEAR = "by quarter only"
OF_AREA = "area_level = %(level)s and area = %(area)s"


def context(fact: Fact) -> Context:
    """Of a row of a mart by period. It is final where the mart says so: by its status or because the period is complete."""
    is_final = fact["status"] == "final" if "status" in fact else fact["is_complete"]
    return Context(
        period_start=fact["period_start"], period_end=fact["period_end"], data_cut=fact["data_cut"],
        maturity="final" if is_final else "provisional",
    )  # fmt: skip


def context_on_day(fact: Fact) -> Context:
    """The same of a mart of stocks on days (`as_on`)."""
    return context(fact | {"period_start": fact["as_on"], "period_end": fact["as_on"]})


def counts(fact: Fact, **columns: str) -> dict[str, Cell]:
    """Cells of the counts in the mart's columns."""
    return {name: Cell(int(fact[column])) for name, column in columns.items()}


def on_caseload(scheme: str, area_level: str, area: str, day: date) -> str:
    """The name of the count of a caseload on a day: one month's closing is the next one's opening, and stands in other tables."""
    return f"caseload {scheme}, {area_level} {area}, on {day}"


def same_count(table: Table, place: tuple[str, str], count: int) -> str:
    """The name of a count as the place of a table has it, where it is the same count; else none."""
    return table.fact(place) if table.counts.get(place) == count else ""


def at_least(count: int, of: int, people: int) -> int:
    """How many people are behind `count` events at least, where `people` are behind the `of` events that they are among.

    Where several people can be behind one event, so that they are more than the events, it can be a single one.
    """
    return max(min(count, 1), count - (of - people)) if people <= of else min(count, 1)


def at_least_of(count: int, whole: Cell) -> int | None:
    """The same of a cell that they are among; None where it is not known how many are behind that."""
    if whole.people is None or not isinstance(whole.value, int):
        return None
    return at_least(count, whole.value, whole.people)


def behind(fact: Fact, of: str, people: str, **columns: str) -> dict[str, Cell]:
    """Cells of counts of events, each with the people who are behind it at least.

    `of`, `people`: the columns of all the events and of the people behind these.
    """
    return {
        name: Cell(int(fact[column]), people=at_least(int(fact[column]), int(fact[of]), int(fact[people])))
        for name, column in columns.items()
    }


def count_columns(**titles: str) -> tuple[Column, ...]:
    return tuple(Column(name, title, "count") for name, title in titles.items())


def share_columns(part: str, whole: str, title: str, name: str = "") -> tuple[Column, Column]:
    """A share of two counts of the same row, and Wilson's interval. A table with several of them gives each a `name`."""
    made_of, of = (whole, part), (part, whole)
    of_what = f"{title}: " if name else ""
    return (
        Column(f"{name}share", title, "rate", wording.percentage, made_of, of, is_share=True),
        Column(
            f"{name}interval", f"{of_what}95% interval (Wilson)", "rate", wording.percentage_interval, made_of, of, is_share=True
        ),
    )


def share_cells(
    part: int | None, whole: int | None, figures: tuple[Any, Any, Any], missing: str, people: int | None = None, name: str = ""
) -> dict[str, Cell]:
    """Their cells. `figures`: the share and the ends of its interval as the mart has them, between 0 and 1.

    `people`: how many the whole is of, where they are fewer than it counts.
    """
    decimals = wording.decimals_for(whole)
    share, low, high = (wording.as_percent(figure) for figure in figures)
    ends = wording.interval(low, high, decimals)
    made_of: dict[str, Any] = {"numerator": part, "denominator": whole, "missing": missing, "people": people}
    return {
        f"{name}share": Cell(wording.rounded(share, decimals), ends, **made_of, says=ratios.share),
        f"{name}interval": Cell(interval=ends, **made_of, says=ratios.only_interval(ratios.share)),
    }


def part_of(part: str, whole: str) -> Column:
    """Nothing to see: it tells disclosure control that the first count is never more than the second."""
    return Column(f"{part}_of_{whole}", "", "rate", of=(part, whole), is_share=True, is_shown=False)


def unseen(name: str) -> Column:
    """A count that nobody prints, but that can be worked out."""
    return Column(name, "", "count", is_shown=False)


def wait(name: str, title: str, of: str) -> Column:
    """Days that people waited, of as many as the column `of` counts."""
    return Column(name, title, "rate", made_of=(of,))


def days(value: Any, of: int, missing: str, people: int | None = None) -> Cell:
    return Cell(wording.rounded(value), denominator=of, missing=missing, people=people)


def add_up(rows: Iterable[Row], whole: str, *parts: str) -> tuple[Tie, ...]:
    """In every row the parts are the whole."""
    return tuple(Tie(((row.key, whole),), tuple((row.key, part) for part in parts)) for row in rows)


def with_rests(table: Table, *pairs: tuple[str, str]) -> Table:
    """The table with what parts leave of their wholes, which nobody prints but everybody can work out.

    `pairs`: columns of counts, each a part and its whole. A row without one of the two has no rest.
    """

    def with_rest(row: Row) -> Row:
        found = {name_of_rest(*pair): _rest(*(row.cells.get(name, Cell()) for name in pair)) for pair in pairs}
        rests = {name: rest for name, rest in found.items() if rest}
        return replace(row, cells={**row.cells, **rests})

    rows = tuple(map(with_rest, table.rows))
    ties = [
        tie for row in rows for part, whole in pairs if (rest := name_of_rest(part, whole)) in row.cells
        for tie in add_up([row], whole, part, rest)
    ]  # fmt: skip
    joined = tuple(replace(each, together=_then(with_rest, each.together)) for each in table.groupings)
    columns = [unseen(name_of_rest(*pair)) for pair in pairs]
    return replace(table, columns=(*table.columns, *columns), rows=rows, ties=(*table.ties, *ties), groupings=joined)


def _then(last: Callable[[Row], Row], first: Callable[[tuple[str, ...]], Row]) -> Callable[[tuple[str, ...]], Row]:
    return lambda group: last(first(group))


def name_of_rest(part: str, whole: str) -> str:
    """The column of `with_rests`."""
    return f"{whole}_without_{part}"


def _rest(part: Cell, whole: Cell) -> Cell | None:
    if not (isinstance(part.value, int) and isinstance(whole.value, int)):
        return None
    rest = whole.value - part.value
    return Cell(rest, people=at_least_of(rest, whole))


def with_overlapping_parts(table: Table, within: Mapping[str, Sequence[str]], *columns: str) -> Table:
    """The table with what rows leave of a row that each is a part of, though they are not the whole of it together.

    Nobody prints that, but everybody can work it out. `within`: by the key of the whole the keys of its parts, as far as the
    table has them.
    """
    found = {row.key: row for row in table.rows}
    cells: dict[str, dict[str, Cell]] = {}
    ties = list(table.ties)
    for whole, part, name in ((whole, part, name) for whole, parts in within.items() for part in parts for name in columns):
        sides = [found[key].cells.get(name, Cell()) for key in (part, whole) if key in found]
        if len(sides) == 2 and (rest := _rest(*sides)):
            column = f"{name}_without_{part.rpartition(':')[2]}"
            cells.setdefault(whole, {})[column] = rest
            ties.append(Tie(((whole, name),), ((part, name), (whole, column))))
    names = dict.fromkeys(name for of_row in cells.values() for name in of_row)
    rows = tuple(replace(row, cells={**row.cells, **cells.get(row.key, {})}) for row in table.rows)
    return replace(table, columns=(*table.columns, *map(unseen, names)), rows=rows, ties=tuple(ties))


def with_steps(rows: Iterable[Row], now: str, before: str, step: str) -> tuple[tuple[Row, ...], tuple[Tie, ...]]:
    """The rows with the difference of a count and what it was before, which nobody prints but anybody can take."""
    stepped, ties = [], []
    for row in rows:
        counts = {name: value for name in (now, before) if isinstance(value := row.cells.get(name, Cell()).value, int)}
        if len(counts) == 2:
            less, more = sorted(counts, key=lambda name: counts[name])
            row = replace(row, cells={**row.cells, step: Cell(counts[more] - counts[less])})
            ties.append(Tie(((row.key, more),), ((row.key, less), (row.key, step))))
        stepped.append(row)
    return tuple(stepped), tuple(ties)


def total_of(total: str, rows: Iterable[Row], columns: Iterable[str]) -> tuple[Tie, ...]:
    """In every column the rows are the row `total`."""
    keys = [row.key for row in rows]
    return tuple(Tie(((total, column),), tuple((key, column) for key in keys)) for column in columns) if keys else ()


def more_than_once(total: Row, parts: Sequence[Row], columns: Iterable[str]) -> tuple[Row, tuple[Tie, ...]]:
    """The row `total` with what `parts` count beyond it, since somebody can be in several of them, and what adds up with that.

    Nobody prints it, but everybody can subtract. Where parts count less, somebody is in none of them, and nobody knows how many
    are in several. Where `people` are counted, they come first: the others are of no more than these. Where they are not, it is
    of as many as it must be at least.
    """
    found: dict[str, Cell] = {}
    ties = []
    for name in columns:
        counts = [cell.value for row in (total, *parts) if (cell := row.cells.get(name)) and isinstance(cell.value, int)]
        more = sum(counts[1:]) - counts[0] if len(counts) == 1 + len(parts) else -1
        if more >= 0:
            whole, people = total.cells[name], found.get(MORE.format("people"), Cell()).value
            found[MORE.format(name)] = Cell(
                more, fact=whole.fact and f"{whole.fact} more than once",
                people=min(more, people) if isinstance(people, int) else at_least_of(more, whole),
            )  # fmt: skip
            ties.append(Tie(((total.key, name), (total.key, MORE.format(name))), tuple((row.key, name) for row in parts)))
    return replace(total, cells={**total.cells, **found}), tuple(ties)


def columns_of_more(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(replace(unseen(MORE.format(column.name)), adds_up=column.adds_up) for column in columns)


def areas_within(rows: Mapping[str, Row], parents: Mapping[str, str]) -> Iterator[tuple[Row, list[Row]]]:
    """Rows of areas, each with those of the areas that lie in it. `rows`: by code of the area; `parents`: as `source.parents`."""
    for area, whole in rows.items():
        if parts := [row for part, row in rows.items() if parents.get(part) == area]:
            yield whole, parts


def of_period(
    source: Source, schema: str, table: str, scope: Scope, condition: str, order: str, *, key: tuple[str, ...],
    adding_up: tuple[str, ...], earliest: tuple[str, ...] = (), largest: tuple[str, ...] = (), unknown: tuple[str, ...] = (),
    back: bool = False, **parameters: Any,
) -> list[Fact]:  # fmt: skip
    """Rows of a mart by period, one per `key`, for the period of the report; with `back`, of the last one of a year with any.

    The marts know months and quarters. A year is its quarters: `adding_up` says which columns are summed, `earliest` which
    are those of its first quarter, `largest` which those of the quarter that has most, `unknown` which cannot be known of a
    year; all others are those of its last.
    """
    is_year = scope.period.kind == "year"
    when = WITHIN_A_YEAR if back and not is_year else "period_start between %(first)s and %(last)s"
    facts = source.mart(
        schema, table, f"period_kind = %(kind)s and {when} and ({condition})", f"{order}, period_start",
        kind=scope.period.mart_kind, first=scope.first, last=scope.last, **parameters,
    )  # fmt: skip
    return _of_year(facts, scope, key, adding_up, earliest, largest, unknown) if is_year else newest(facts)


def of_quarters(
    source: Source, schema: str, table: str, scope: Scope, condition: str, order: str, *, key: tuple[str, ...],
    adding_up: tuple[str, ...], largest: tuple[str, ...] = (), **parameters: Any,
) -> list[Fact]:  # fmt: skip
    """Rows of a mart that knows quarters only, one per `key`.

    They are those of the last quarter that has ended when the period ends and has any, up to a year before; a year is its
    quarters, see `of_period`.
    """
    if scope.period.kind == "year":
        quarters = quarters_of(source, schema, table, scope, condition, order, **parameters)
        return _of_year(quarters, scope, key, adding_up, (), largest, ())
    facts = source.mart(
        schema, table, f"{QUARTERS_ENDED} and ({condition})", order, first=scope.first, last=scope.last, **parameters
    )
    return newest(facts)


def quarters_of(
    source: Source, schema: str, table: str, scope: Scope, condition: str, order: str, **parameters: Any
) -> list[Fact]:
    """The rows of a year's quarters, of a mart that knows quarters only, for `made_of_parts`; none of a shorter period."""
    if scope.period.kind != "year":
        return []
    facts = source.mart(
        schema, table, f"period_start between %(first)s and %(last)s and ({condition})", f"{order}, period_start",
        first=scope.first, last=scope.last, **parameters,
    )  # fmt: skip
    return [fact | {"period_kind": "quarter"} for fact in facts]


def by_key(facts: Iterable[Fact], key: Callable[[Fact], str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return found


def _of_year(
    facts: list[Fact], scope: Scope, key: tuple[str, ...], adding_up: tuple[str, ...], earliest: tuple[str, ...],
    largest: tuple[str, ...], unknown: tuple[str, ...],
) -> list[Fact]:  # fmt: skip
    found: dict[tuple[Any, ...], Fact] = {}
    for fact in facts:
        of = tuple(fact[name] for name in key)
        before = found.get(of)
        if before is not None:
            kept = {name: before[name] for name in earliest}
            most = {name: _largest(before[name], fact[name]) for name in largest}
            summed = {name: _together(before[name], fact[name]) for name in adding_up}
            fact = fact | kept | most | summed | _status([before, fact])
        found[of] = fact | dict.fromkeys(unknown)
    reached = max((fact["period_end"] for fact in found.values()), default=scope.last)
    return [fact | {"period_start": scope.first} | _as_far_as(fact, reached, scope) for fact in found.values()]


def _as_far_as(fact: Fact, reached: date, scope: Scope) -> Fact:
    """A year goes on until data reach to its end, whatever the mart says of its quarters: one may have had nothing.

    A mart whose rows stand beside those of another leaves it to that one to say how far data reach.
    """
    data_cut = fact.get("data_cut")
    if data_cut is not None and data_cut >= scope.last:
        return {"period_end": scope.last}
    goes_on = {"status": "provisional", "is_complete": False}
    return {"period_end": reached} | {name: value for name, value in goes_on.items() if name in fact}


def _together(*values: int | None) -> int | None:
    """The sum of those that are known; None where none is, since a feed that never delivered has not counted nought."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _largest(*values: int | None) -> int | None:
    """The largest of those that are known, which may be nought; None where none is."""
    return max((value for value in values if value is not None), default=None)


def parts_of(
    source: Source, schema: str, table: str, scope: Scope, condition: str, key: Callable[[Fact], str], **parameters: Any
) -> dict[str, list[Fact]]:
    """The rows of the quarters of a year and of the months of a year or quarter, in their order, by the key of a row."""
    found: dict[str, list[Fact]] = {}
    kind = scope.period.kind
    while kind in FINER:
        kind = FINER[kind]
        facts = source.mart(
            schema, table, f"period_kind = %(kind)s and period_start between %(first)s and %(last)s and ({condition})",
            "period_start", kind=kind, first=scope.first, last=scope.last, **parameters,
        )  # fmt: skip
        for fact in facts:
            found.setdefault(key(fact), []).append(fact)
    return found


def made_of_parts(
    table: Table, scope: Scope, parts: Mapping[str, list[Fact]], cells: Callable[[Fact], Mapping[str, Cell]], *names: str
) -> Table:
    """The table with the counts that its own are the sums of, which reports of shorter periods show, so that they cannot be told
    from it. `names`: the columns that add up; `cells`: the cells of a part's row.
    """
    rows, ties, most = [], list(table.ties), 0
    for row in table.rows:
        added: dict[str, Cell] = {}
        own = row.context.period_start
        of_row = parts.get(row.key, []) if own and own >= scope.first else []
        for number, part in enumerate(of_row):
            most = max(most, number + 1)
            for name in names:
                cell, place = cells(part)[name], (stacked(row.key, scope.area), name)
                added[f"{name}_{number}"] = replace(cell, fact=cell.fact or table.name_of(place, context(part)))
        ties += [tie for name in names for tie in _sums_of_parts(row.key, name, of_row, scope)]
        rows.append(replace(row, cells={**row.cells, **added}))
    columns = [unseen(f"{name}_{number}") for name in names for number in range(most)]
    return replace(table, columns=(*table.columns, *columns), rows=tuple(rows), ties=tuple(ties))


def _sums_of_parts(key: str, name: str, parts: list[Fact], scope: Scope) -> Iterator[Tie]:
    """A year is its quarters, and a quarter its months."""
    numbered = [(f"{name}_{number}", part) for number, part in enumerate(parts)]
    whole = {"period_kind": scope.period.kind, "period_start": scope.first, "period_end": scope.last}
    for column, of in [(name, whole), *numbered]:
        within = tuple(
            (key, each)
            for each, part in numbered
            if part["period_kind"] == FINER.get(of["period_kind"])
            and of["period_start"] <= part["period_start"] <= of["period_end"]
        )
        if within:
            yield Tie(((key, column),), within)


def shared(facts: list[Fact], share: str, part: str, whole: str) -> list[Fact]:
    """The rows with a share of two of their counts and Wilson's interval, worked out anew, as a year needs it."""
    return [fact | dict(zip((share, "ci_low", "ci_high"), ratios.wilson(fact[part], fact[whole]), strict=True)) for fact in facts]


def together(facts: Sequence[Fact], adding_up: Iterable[str]) -> Fact:
    """The rows of several groups as one, final where all of them are.

    `adding_up` says which columns are summed; all others are those of the first.
    """
    return facts[0] | {name: sum_if_known(fact[name] for fact in facts) for name in adding_up} | _status(facts)


def _status(facts: Sequence[Fact]) -> Fact:
    """That of several rows as one, where the mart gives one."""
    if "status" not in facts[0]:
        return {}
    return {"status": "final" if all(fact["status"] == "final" for fact in facts) else "provisional"}


def sum_if_known(values: Iterable[Any]) -> Any:
    """The sum; None where one of the values is not known."""
    known = list(values)
    return None if None in known else sum(known)


def newest(facts: list[Fact]) -> list[Fact]:
    """The rows of the newest period: of the report's own, or of the last one before it that has any."""
    last = max((fact["period_start"] for fact in facts), default=None)
    return [fact for fact in facts if fact["period_start"] == last]


def when(of: Context, scope: Scope) -> str:
    """The days that the figures are of, and that they are not those of the report's period where they are not."""
    kind = scope.period.mart_kind
    is_its_own = of.period_start is not None and of.period_start >= scope.first
    before = "" if is_its_own else f", the last {kind} with any before that of {wording.days(scope.first, scope.last)}"
    return f"from {wording.days(of.period_start, of.period_end)}{before}"


def when_in_quarters(of: Context, scope: Scope) -> str:
    """The same of a mart that knows quarters only: a month shows the last one that had ended with it."""
    if scope.period.kind != "month":
        return when(of, scope)
    days, last = wording.days(of.period_start, of.period_end), wording.day(scope.last)
    return f"from {days}, the last quarter with any that had ended by {last}"


def sought_in(scope: Scope) -> str:
    """Where such a mart was looked through, for a table that is empty."""
    return f"this {scope.period.kind}" + ("" if scope.period.kind == "year" else " or the year before")


def is_long_over(scope: Scope, source: Source) -> bool:
    """Whether the period was over more than a month before the night: what stands or is planned on that day is none of it."""
    return source.business_date > scope.last + timedelta(days=31)


def of_today(source: Source) -> str:
    """Why a report of such a period has none of that."""
    return f"This stands as on {wording.day(source.business_date)} only, more than a month after the period of this report."


def so_far(of: Context) -> str:
    """A sentence for a period that is not over or not known to its end; nothing for one that is."""
    return "" if of.maturity == "final" else f" These figures are provisional: the data reach to {wording.day(of.data_cut)}."

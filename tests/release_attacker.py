"""Somebody who keeps every table of every release and works out what they hide, without a line of the disclosure package.

What adds up is learned from the true tables, which the partnership itself is shown: a sum is believed where it held in every
row, area or period of all reports, and in several that are not nought. So is that a row which other reports lack would not be
there if nobody were in it. Then every count is an unknown, bounded by what was
printed of it and tied by all these sums, by the shares turned back into counts, and by its name wherever it stands again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, permutations
from math import ceil, floor, inf, sqrt
from typing import Any, NamedTuple

import numpy as np
from delivery_maker import Warehouse
from scipy.optimize import linprog
from scipy.sparse import coo_array

FIGURES = """
    select report.audience, report.area, report.area_name, report.build_id, report.report_id, figure.table_name, figure.row_order,
        figure.row_group, figure.row_label, figure.column_name, figure.fact, figure.value, figure.ci_low, figure.ci_high,
        figure.value_text, figure.period_start, figure.period_end
    from published.figure inner join published.report using (report_id)
    where report_id = any(%s)
    order by report_id, table_name, row_order, column_order
"""
AREAS = "select distinct area, area_type, parent from reference.areas where closed_by_configuration is null"
INSTANCES = 3  # of a sum that are not nought, until it is believed
MOST_PAIRS = 40_000
Span = tuple[date, date]


class Figure(NamedTuple):
    audience: str
    area: str
    area_name: str
    build: int
    report: int
    table: str
    row: int
    group: str
    label: str
    column: str
    fact: str | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    text: str
    first: date | None
    last: date | None

    @property
    def row_name(self) -> str:
        """Its row as the table of any area has it."""
        return (
            self.label.replace(f", {self.area_name}", "").replace(f" in {self.area_name}", "") if self.area_name else self.label
        )


class Count(NamedTuple):
    """An unknown: a count by its name; one that was restated is another."""

    fact: str
    true: int


class Sum(NamedTuple):
    left: tuple[Count, ...]
    right: tuple[Count, ...]


class Pinned(NamedTuple):
    """A small count that somebody can tell, and how closely."""

    what: str
    true: int
    low: float
    high: float


@dataclass(frozen=True)
class Rule:
    """What an audience was promised: small counts are hidden, others rounded to multiples of `step`; 1: not at all."""

    small: int = 5
    step: int = 1

    def is_safe(self, low: float, high: float, is_marked: bool) -> bool:
        """It is uncertain by as much as is small; one that is marked as small can be any small number."""
        can_be_any = self.step == 1 and low <= 1 and high >= self.small - 1
        return can_be_any or (not is_marked and high - low >= self.small)

    def printed(self, figure: Figure) -> tuple[float, float]:
        """Least and most of a count, by what was printed of it."""
        if figure.value is None:
            return (1, self.small - 1) if figure.text.startswith("<") else (0, inf)
        value = int(figure.value)
        if value == 0 or self.step == 1:
            return value, value
        return max(value - self.step // 2, self.small), value + self.step // 2


def read(warehouse: Warehouse, reports: Sequence[int]) -> list[Figure]:
    return [Figure(*row) for row in warehouse.query(FIGURES, list(reports))]


def hierarchy(warehouse: Warehouse) -> dict[str, dict[str, list[str]]]:
    """Of each area the codes of those that make it up, by their level; of `all` those of every level."""
    made: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for area, level, parent in warehouse.query(AREAS):
        if level in ("division", "district", "ward"):
            made["all"][level].append(area)
            made[parent][level].append(area)
    return made


# --- what is true, and what adds up in it


@dataclass
class Truth:
    """The true counts by place, and the relations that hold in all of them."""

    figures: Sequence[Figure]
    areas: Mapping[str, Mapping[str, Sequence[str]]]
    counts: dict[tuple[int, str], int] = field(default_factory=dict)  # by build and fact
    sums: set[Sum] = field(default_factory=set)
    somebody: set[tuple[str, str]] = field(default_factory=set)  # tables, and the column without which a row is not there

    def __post_init__(self) -> None:
        self.counted = [each for each in self.figures if each.fact and each.value is not None]
        self.counts = {(each.build, str(each.fact)): int(each.value or 0) for each in self.counted}
        self.sums = {one for learn in (_in_a_row, _of_rows, _of_periods, _of_areas, _following) for one in learn(self)}
        self.ratios = dict(_ratios(self))
        self.somebody = set(_never_nought(self))

    def count(self, figure: Figure) -> Count:
        return Count(str(figure.fact), self.counts[figure.build, str(figure.fact)])

    def rows(self) -> dict[tuple[int, str, int], dict[str, Figure]]:
        """Counts by column, of every row of every report."""
        found: dict[tuple[int, str, int], dict[str, Figure]] = defaultdict(dict)
        for each in self.counted:
            found[each.report, each.table, each.row][each.column] = each
        return found


def _never_nought(truth: Truth) -> Iterator[tuple[str, str]]:
    """Of tables whose rows come and go: the first column, if somebody was counted in it whenever a row was there."""
    rows: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    first: dict[str, str] = {}
    for each in truth.counted:
        rows[each.table][each.report].add(each.group + each.row_name)
        first.setdefault(each.table, each.column)
    noughts = {(each.table, each.column) for each in truth.counted if not each.value}
    come_and_go = (table for table, of_reports in rows.items() if len(set(map(frozenset, of_reports.values()))) > 1)
    return ((table, first[table]) for table in come_and_go if (table, first[table]) not in noughts)


def _believed(truth: Truth, candidates: Mapping[Any, Sequence[tuple[Sequence[Figure], Sequence[Figure]]]]) -> Iterator[Sum]:
    """Sums of a kind that held whenever it was there, in several cases of more than one part that is not nought."""
    for instances in candidates.values():
        sides = [(tuple(map(truth.count, left)), tuple(map(truth.count, right))) for left, right in instances]
        holds = all(sum(one.true for one in left) == sum(one.true for one in right) for left, right in sides)
        telling = {side for side in sides if sum(one.true > 0 for one in side[1]) > 1 or (len(side[1]) == 1 and side[1][0].true)}
        if holds and len(telling) >= INSTANCES:
            yield from (Sum(*side) for side in sides)


def _in_a_row(truth: Truth) -> Iterator[Sum]:
    """One column is two or three others, or two are two."""
    by_table: dict[str, list[dict[str, Figure]]] = defaultdict(list)
    for (_, table, _), row in truth.rows().items():
        by_table[table].append(row)
    candidates: dict[Any, list] = {}
    for table, rows in by_table.items():
        names = sorted({name for row in rows for name in row})
        for left, right in _splits(names):
            having = [row for row in rows if {*left, *right} <= row.keys()]
            candidates[table, left, right] = [([row[n] for n in left], [row[n] for n in right]) for row in having]
    return _believed(truth, candidates)


def _splits(names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for whole in names:
        others = [name for name in names if name != whole]
        yield from (
            ((whole,), parts) for size in (2, 3, 4, 5) if len(names) < 10 or size < 4 for parts in combinations(others, size)
        )
    for four in combinations(names, 4):
        first, *rest = four
        yield from (((first, other), tuple(name for name in rest if name != other)) for other in rest)


def _of_rows(truth: Truth) -> Iterator[Sum]:
    """The rows of a group are one of the rows that are in none; or all others are the first, or the last, of the table."""
    tables: dict[tuple[int, str, str], list[Figure]] = defaultdict(list)
    for each in truth.counted:
        tables[each.report, each.table, each.column].append(each)
    candidates: dict[Any, list] = defaultdict(list)
    for (_, table, column), cells in tables.items():
        alone = [cell for cell in cells if not cell.group]
        for group in {cell.group for cell in cells if cell.group and "in both" not in cell.group}:  # they need not add up
            parts = [cell for cell in cells if cell.group == group]
            for number, whole in enumerate(alone):
                candidates[table, column, group, number].append(([whole], parts))
        if len(cells) > 2 and len(alone) == len(cells):
            candidates[table, column, "first"].append(([cells[0]], cells[1:]))
            candidates[table, column, "last"].append(([cells[-1]], cells[:-1]))
    return _believed(truth, candidates)


def _by_time(truth: Truth) -> dict[tuple[int, str, str, str, str], dict[Span, Figure]]:
    """Each count of a row, by its period."""
    found: dict[tuple[int, str, str, str, str], dict[Span, Figure]] = defaultdict(dict)
    for each in truth.counted:
        if each.first and each.last:
            found[each.build, each.table, each.area, each.group + each.row_name, each.column][each.first, each.last] = each
    return found


def _of_periods(truth: Truth) -> Iterator[Sum]:
    """The months of a quarter, or the quarters of a year."""
    candidates: dict[Any, list] = defaultdict(list)
    for (_, table, _, _, column), by_span in _by_time(truth).items():
        for span, whole in by_span.items():
            for size in (31, 92):
                parts = sorted(
                    of for of in by_span if of != span and span[0] <= of[0] <= of[1] <= span[1] and (of[1] - of[0]).days <= size
                )
                if _tile(parts, span):
                    candidates[table, column, size].append(([whole], [by_span[of] for of in parts]))
    return _believed(truth, candidates)


def _tile(parts: Sequence[Span], whole: Span) -> bool:
    ends = [whole[0] - timedelta(days=1), *(last for _, last in parts)]
    return (
        len(parts) > 1
        and ends[-1] == whole[1]
        and all(a + timedelta(days=1) == first for a, (first, _) in zip(ends, parts, strict=False))
    )


def _of_areas(truth: Truth) -> Iterator[Sum]:
    """The areas that make up another, each with a report of its own."""
    placed: dict[tuple[int, str, str, str, Any], dict[str, Figure]] = defaultdict(dict)
    for each in truth.counted:
        placed[each.build, each.table, each.group + each.row_name, each.column, (each.first, each.last)][each.area] = each
    candidates: dict[Any, list] = defaultdict(list)
    for (_, table, _, column, _), by_area in placed.items():
        for whole, levels in truth.areas.items():
            for level, parts in levels.items():
                if whole in by_area and set(parts) <= by_area.keys() and len(parts) > 1:
                    candidates[table, column, level].append(([by_area[whole]], [by_area[part] for part in parts]))
    return _believed(truth, candidates)


def _following(truth: Truth) -> Iterator[Sum]:
    """What one period ended with the next one begins with."""
    candidates: dict[Any, list] = defaultdict(list)
    series: dict[tuple[int, str, str, str], dict[str, dict[Span, Figure]]] = defaultdict(dict)
    for (build, table, area, row, column), by_span in _by_time(truth).items():
        series[build, table, area, row][column] = by_span
    for (_, table, _, _), columns in series.items():
        for ended, begun in permutations(columns, 2):
            for span, before in columns[ended].items():
                for of, after in columns[begun].items():
                    if of[0] == span[1] + timedelta(days=1) and of[0] <= of[1]:
                        candidates[table, ended, begun].append(([before], [after]))
    return _believed(truth, candidates)


# --- shares and changes, turned back


Says = Callable[[int, int], tuple[float, ...] | None]


def rounded(value: float, decimals: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def share(part: int, whole: int) -> tuple[float, ...] | None:
    """A percentage and the ends of Wilson's interval."""
    if not whole or part > whole:
        return None
    z, p = 1.959964, part / whole
    middle, spread, below = 2 * part + z * z, z * sqrt(z * z + 4 * part * (1 - p)), 2 * (whole + z * z)
    return 100 * p, 100 * (middle - spread) / below, 100 * (middle + spread) / below


def change(after: int, before: int) -> tuple[float, ...] | None:
    return (100 * (after - before) / before,) if before else None


def agrees(figure: Figure, says: Says, one: int, other: int) -> bool:
    """Whether two counts would have been printed as this figure is."""
    numbers = says(one, other)
    if numbers is None:
        return False
    printed = [
        (figure.value, numbers[0]),
        *(zip((figure.low, figure.high), numbers[1:], strict=False) if len(numbers) > 1 else ()),
    ]
    told = [(shown, number) for shown, number in printed if shown is not None]
    # a hair's breadth, for the last digit of whoever rounds another way
    return bool(told) and all(abs(float(shown) - number) <= 0.5 * 10.0 ** -_decimals(figure) + 1e-6 for shown, number in told)


def _decimals(figure: Figure) -> int:
    """As many as the text has."""
    number = figure.text.split("%")[0].split(" ")[0]
    return len(number.partition(".")[2])


def _ratios(truth: Truth) -> Iterator[tuple[tuple[str, str], tuple[str, str, Says, bool]]]:
    """By table and column: the columns that a percentage is of, how, and whether the second one stands in the row before."""
    rates: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for each in truth.figures:
        if not each.fact and (each.value is not None or each.low is not None) and "%" in each.text:
            rates[each.table, each.column].append(each)
    rows = truth.rows()
    for place, figures in rates.items():
        names = sorted({name for each in figures for name in rows.get((each.report, each.table, each.row), {})})
        for one, other in [*permutations(names, 2), *((name, name) for name in names)]:
            for says in (share, change):
                pairs = [(each, _pair(rows, each, one, other, one == other)) for each in figures]
                known = [(each, pair) for each, pair in pairs if pair]
                if len(known) >= INSTANCES and all(
                    agrees(each, says, *(int(c.value or 0) for c in pair)) for each, pair in known
                ):
                    yield place, (one, other, says, one == other)


def _pair(rows: Mapping, figure: Figure, one: str, other: str, is_before: bool) -> tuple[Figure, Figure] | None:
    own = rows.get((figure.report, figure.table, figure.row), {})
    beside = rows.get((figure.report, figure.table, figure.row - 1), {}) if is_before else own
    return (own[one], beside[other]) if one in own and other in beside else None


# --- the attack


class Attack:
    """All that was released to an audience, or to several, of counts that are known to be true."""

    def __init__(self, truth: Truth, released: Sequence[tuple[Rule, Sequence[Figure]]]) -> None:
        self.truth = truth
        self.bounds: dict[Count, tuple[float, float]] = {}
        self.sums = set(truth.sums)
        self.ratios: list[tuple[Count, Count, Figure, Says]] = []
        self.hidden: set[Count] = set()
        self.marked: set[Count] = set()
        for rule, figures in released:
            self._read(rule, figures)

    def _read(self, rule: Rule, figures: Sequence[Figure]) -> None:
        rows: dict[tuple[int, str, int], dict[str, Count]] = defaultdict(dict)
        for each in figures:
            if each.fact and (count := self._count(each)):
                rows[each.report, each.table, each.row][each.column] = count
                self._bound(count, *rule.printed(each))
                if (each.table, each.column) in self.truth.somebody:
                    self._bound(count, 1, inf)
                if each.value is None:
                    self.hidden.add(count)
                if each.text.startswith("<"):
                    self.marked.add(count)
        for each in figures:
            if (each.table, each.column) in self.truth.ratios and (each.value is not None or each.low is not None):
                one, other, says, is_before = self.truth.ratios[each.table, each.column]
                own = rows[each.report, each.table, each.row]
                beside = rows[each.report, each.table, each.row - 1] if is_before else own
                if one in own and other in beside:
                    self.ratios.append((own[one], beside[other], each, says))

    def _count(self, figure: Figure) -> Count | None:
        """The unknown that it is of; of groups that were joined the sum of these."""
        parts = str(figure.fact).split(" + ")
        if not all((figure.build, part) in self.truth.counts for part in parts):
            return None
        counts = [Count(part, self.truth.counts[figure.build, part]) for part in parts]
        if len(counts) == 1:
            return counts[0]
        whole = Count(str(figure.fact), sum(one.true for one in counts))
        self.sums.add(Sum((whole,), tuple(counts)))
        return whole

    def _bound(self, count: Count, low: float, high: float) -> None:
        before = self.bounds.get(count, (0, inf))
        self.bounds[count] = max(low, before[0]), min(high, before[1])
        assert self.bounds[count][0] <= count.true <= self.bounds[count][1], f"{count} is printed as another: {low} to {high}"

    def pinned(self, rule: Rule) -> list[Pinned]:
        """Small counts that were hidden, who is left over in a share, and steps from one release to the next that can be told."""
        self._add_what_is_left(rule)
        small = [count for count in self.hidden if 0 < count.true < rule.small]
        system = _System(self._relevant(), self.bounds, self._limits())
        found = []
        for count in sorted(small):
            ends = system.ends([(count, 1)])
            if not rule.is_safe(*ends, count in self.marked):
                found.append(Pinned(count.fact, count.true, *ends))
        for later, before in self._steps(rule):
            ends = system.ends([(later, 1), (before, -1)])
            if not rule.is_safe(*ends, False):
                found.append(Pinned(f"step of {later.fact}", later.true - before.true, *ends))
        return found

    def _add_what_is_left(self, rule: Rule) -> None:
        """Those of a share who do not count in it, for whom rounding was promised as well."""
        for part, whole, _, says in self.ratios:
            if says is share and part != whole:
                left = Count(f"{whole.fact} less {part.fact}", whole.true - part.true)
                self.sums.add(Sum((whole,), (part, left)))
                self.bounds.setdefault(left, (0, inf))
                if rule.step > 1:
                    self.hidden.add(left)

    def _steps(self, rule: Rule) -> Iterator[tuple[Count, Count]]:
        restated: dict[str, list[Count]] = defaultdict(list)
        for count in self.bounds:
            restated[count.fact].append(count)
        for counts in restated.values():
            for before, later in combinations(sorted(counts, key=lambda count: count.true), 2):
                if later.true - before.true < rule.small:
                    yield later, before

    def _relevant(self) -> list[Sum]:
        """Sums of which anything was printed."""
        return [one for one in self.sums if any(count in self.bounds for count in (*one.left, *one.right))]

    def _limits(self) -> list[tuple[Count, Count, float, float]]:
        """Between which multiples of the second count the first one lies; bounds of both are narrowed by what was printed."""
        limits = []
        for _ in range(3):
            limits = []
            for one, other, figure, says in self.ratios:
                if limit := self._limit(one, other, figure, says):
                    limits.append((one, other, *limit))
            self._pass_on()
        return limits

    def _limit(self, one: Count, other: Count, figure: Figure, says: Says) -> tuple[float, float] | None:
        (low, high), (least, most) = self.bounds[one], self.bounds[other]
        half = 0.5 * 10.0 ** -_decimals(figure) + 1e-6
        of = None
        if figure.value is not None:
            base = 0 if says is share else 100
            of = max(0.0, (float(figure.value) + base - half) / 100), (float(figure.value) + base + half) / 100
            if high == inf and most < inf:
                high = floor(most * of[1])
            if most == inf and high < inf and of[0] > 0:
                most = ceil(high / of[0])
        if inf not in (high, most) and (high - low + 1) * (most - least + 1) <= MOST_PAIRS:
            pairs = [(a, b) for a in range(ceil(low), floor(high) + 1) for b in range(ceil(least), floor(most) + 1)
                     if agrees(figure, says, a, b)]  # fmt: skip
            assert pairs, (figure, one, other)
            self._bound(one, min(a for a, _ in pairs), max(a for a, _ in pairs))
            self._bound(other, min(b for _, b in pairs), max(b for _, b in pairs))
        return of

    def _pass_on(self) -> None:
        for one in self._relevant():
            for own, others in ((one.left, one.right), (one.right, one.left)):
                for count in own:
                    beside = [self.bounds.get(each, (0, inf)) for each in own if each != count]
                    across = [self.bounds.get(each, (0, inf)) for each in others]
                    self._bound(
                        count, sum(low for low, _ in across) - sum(high for _, high in beside),
                        sum(high for _, high in across) - sum(low for low, _ in beside),
                    )  # fmt: skip


class _System:
    """All relations as one linear program; only what hangs together with the aim is solved."""

    def __init__(
        self,
        sums: Sequence[Sum],
        bounds: Mapping[Count, tuple[float, float]],
        limits: Sequence[tuple[Count, Count, float, float]],
    ) -> None:
        self.bounds = bounds
        self.sums, self.limits = list(sums), list(limits)
        self.near: dict[Count, set[Count]] = defaultdict(set)
        for group in [*((*one.left, *one.right) for one in self.sums), *((one, other) for one, other, *_ in self.limits)]:
            for count in group:
                self.near[count].update(group)

    def ends(self, aim: Sequence[tuple[Count, int]]) -> tuple[float, float]:
        """The least and the most of a count, or of a difference of two."""
        counts = sorted(self._component({count for count, _ in aim}))
        at = {count: number for number, count in enumerate(counts)}
        goal = np.zeros(len(counts))
        for count, sign in aim:
            goal[at[count]] = sign
        equal = [(one, 1.0) for one in self.sums if one.left[0] in at]
        rows = [({at[c]: 0.0 for c in (*one.left, *one.right)}, one) for one, _ in equal]
        for row, one in rows:
            for count in one.left:
                row[at[count]] += 1
            for count in one.right:
                row[at[count]] -= 1
        ratios = [limit for limit in self.limits if limit[0] in at]
        least = [{at[one]: -1.0, at[other]: low} for one, other, low, _ in ratios]
        most = [{at[one]: 1.0, at[other]: -high} for one, other, _, high in ratios]
        ranges = [(low, None if high == inf else high) for low, high in (self.bounds.get(count, (0, inf)) for count in counts)]

        def end(sign: int) -> float:
            found = linprog(
                sign * goal, A_ub=_matrix([*least, *most], len(counts)), b_ub=np.full(2 * len(ratios), 1e-7) if ratios else None,
                A_eq=_matrix([row for row, _ in rows], len(counts)), b_eq=np.zeros(len(rows)) if rows else None, bounds=ranges,
            )  # fmt: skip
            assert found.status in (0, 3), (found.message, aim)
            return sign * found.fun if found.status == 0 else -sign * inf

        low, high = end(1), end(-1)
        return (ceil(low - 1e-4) if low > -inf else low), (floor(high + 1e-4) if high < inf else high)

    def _component(self, open_ends: set[Count]) -> set[Count]:
        found: set[Count] = set()
        while open_ends:
            count = open_ends.pop()
            found.add(count)
            open_ends |= self.near[count] - found
        return found


def _matrix(rows: Sequence[Mapping[int, float]], width: int) -> Any:
    if not rows:
        return None
    cells = [(number, column, value) for number, row in enumerate(rows) for column, value in row.items()]
    at, columns, values = zip(*cells, strict=True)
    return coo_array((values, (at, columns)), shape=(len(rows), width)).tocsr()

"""What somebody who holds every published table can work out about the counts behind it.

The attacker knows the rules, so a shown count is known to its rounding, a hidden one that is marked as small to be one of the
small numbers, and a share or change shown beside it leaves only those counts that would have been shown so. A row that is
there only because somebody is in it says so much. Then the counts that add up, and those of a share that go together, bound each
other: for every hidden count two linear programs give the least and the most that it can be.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import product
from math import ceil, floor, inf

import highspy

from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.tables import JOINED, Bounds, Fact, Interval, Place, Says, Status, Table, Tie
from iom_warehouse.platform.errors import IomError


class ReleaseBlocked(IomError):
    """Nothing may be released: what is hidden could be worked out whatever else is, or the counts contradict each other."""


MOST_PAIRS = 20_000  # of a numerator and a denominator looked through for one ratio
ALIKE_KEPT = 2**14  # ratios whose pairs are remembered
FARTHEST = 2**20  # count up to which one that nothing else bounds is looked for in a ratio
ROUNDS = 4  # of bounds passed on along sums and ratios before the linear programs
MOST_ROUNDS = 100  # of them where nothing follows; mostly few are enough


Enough = Callable[[Fact, Bounds], bool]


@dataclass(frozen=True)
class Ratio:
    """A shown share or change: what it says of two counts, and the function that says it."""

    place: tuple[str, Place]
    numerator: Fact
    denominator: Fact
    shown: tuple[Decimal | None, Interval | None]
    says: Says


@dataclass(frozen=True)
class Sum:
    """Counts on the left add up to those on the right."""

    left: tuple[Fact, ...]
    right: tuple[Fact, ...]

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.left, *self.right)


@dataclass
class Published:
    """Everything that is shown of a set of tables, as the attacker reads it."""

    bounds: dict[Fact, Bounds]
    sums: list[Sum]
    parts: list[tuple[Fact, Fact]]  # the first is never more than the second
    ratios: list[Ratio]

    @cached_property
    def near(self) -> Mapping[Fact, set[Fact]]:
        """What stands in a sum or share with each fact."""
        found: dict[Fact, set[Fact]] = defaultdict(set)
        for together in (*(one.facts for one in self.sums), *self.parts):
            for fact in together:
                found[fact].update(together)
        return found

    def components(self) -> "Iterator[Published]":
        """What is shown of facts that say something about each other, each with its own bounds, sums, parts and ratios."""
        at = {fact: number for number, facts in enumerate(self._together()) for fact in facts}
        found = [Published({}, [], [], []) for _ in range(max(at.values(), default=-1) + 1)]
        for fact, number in at.items():
            found[number].bounds[fact] = self.bounds.get(fact, Bounds())
        for one in self.sums:
            if one.facts:
                found[at[one.facts[0]]].sums.append(one)
        for pair in self.parts:
            found[at[pair[0]]].parts.append(pair)
        for ratio in self.ratios:
            found[at[ratio.numerator]].ratios.append(ratio)
        return iter(found)

    def _together(self) -> Iterator[set[Fact]]:
        """Facts of one sum, part or ratio after the other, as far as they lead."""
        beside = {fact: set(facts) for fact, facts in self.near.items()}
        for ratio in self.ratios:
            beside.setdefault(ratio.numerator, set()).update((ratio.numerator, ratio.denominator))
            beside.setdefault(ratio.denominator, set()).update((ratio.numerator, ratio.denominator))
        left = set(beside)
        while left:
            found, open_ends = set(), [left.pop()]
            while open_ends:
                fact = open_ends.pop()
                found.add(fact)
                open_ends += beside[fact] - found
            left -= found
            yield found


def read(
    tables: Mapping[str, tuple[Table, Mapping[Place, Status]]], audience: Audience, seen: Mapping[Fact, Bounds] | None = None
) -> Published:
    """What is shown of `tables`: each with its places that are hidden, and why. A count in several places is one fact.

    Facts that were `seen` elsewhere are known as they were shown there, whatever is hidden here.
    """
    seen = seen or {}
    published = Published({}, [], [], [])
    for table, hidden in tables.values():
        parts = {row.key: row.parts for row in table.rows}
        for place, count in table.counts.items():
            fact = table.fact(place)
            now = _as_printed(count, hidden.get(place), audience) if table.is_shown(place) else Bounds()
            if place[1] == table.never_nought and table.is_shown(place):
                now = now.within(_at_least(count, table, parts[place[0]]), inf)
            before = published.bounds.get(fact, seen.get(fact, Bounds()))
            published.bounds[fact] = before.within(now.low, now.high)
        for tie in table.ties:
            if one := _sum(tie, table):
                published.sums.append(one)
                for fact in one.facts:
                    published.bounds.setdefault(fact, Bounds())
        _read_ratios(published, table, hidden)
    return published


def _at_least(count: int, table: Table, parts: Collection[str]) -> int:
    """What a row says by being there: that somebody is in it, and in each of the `parts` that it names."""
    return sum(table.counts.get((part, table.never_nought), 0) > 0 for part in parts) or min(count, 1)


def beside(published: Published, known: Mapping[Fact, Bounds]) -> Published:
    """The same for somebody who also holds what others were told of its counts, or of several of them joined."""
    bounds = {
        fact: own.within(known[fact].low, known[fact].high) if fact in known else own for fact, own in published.bounds.items()
    }
    joined = {fact: parts for fact in known.keys() - bounds.keys() if set(parts := fact.split(JOINED)) <= bounds.keys()}
    sums = [Sum((fact,), tuple(parts)) for fact, parts in sorted(joined.items())]
    return replace(published, bounds=bounds | {fact: known[fact] for fact in joined}, sums=[*published.sums, *sums])


def around(published: Published, fact: Fact) -> Iterator[set[Fact]]:
    """The fact itself, then those that stand in a sum or share with it, then those beside these, and so on."""
    reached, edge = {fact}, {fact}
    while edge:
        yield edge
        edge = {each for one in edge for each in published.near[one]} - reached
        reached |= edge


def _sum(tie: Tie, table: Table) -> Sum | None:
    """What a tie says of the counts that are there; nothing where they are on one side only.

    A count that is missing, people of no known district, or one on two districts' books, make a remainder that nobody sees: it is
    no less than nought, so that a part is still no more than its whole.
    """
    places = [[place for place in side if place in table.counts] for side in (tie.left, tie.right)]
    if not all(places):
        return None
    left, right = (tuple(table.fact(place) for place in side) for side in places)
    more = sum(table.counts[place] for place in places[0]) - sum(table.counts[place] for place in places[1])
    if not more:
        return Sum(left, right)
    remainder = f"{' + '.join(left)} less {' + '.join(right)}"
    return Sum(left, (*right, remainder)) if more > 0 else Sum((*left, remainder), right)


def _read_ratios(published: Published, table: Table, hidden: Collection[Place]) -> None:
    columns = [(column, *column.of) for column in table.columns if column.of]
    for row, (column, numerator, denominator) in product(table.rows, columns):
        place, of = (row.key, column.name), ((row.key, numerator), (row.key, denominator))
        if not set(of) <= table.counts.keys():
            continue
        facts = table.fact(of[0]), table.fact(of[1])
        if column.is_share:
            published.parts.append(facts)
        cell = table.cells.get(place)
        if cell and cell.says and table.is_shown(place) and place not in hidden:
            shown = cell.says(*(table.counts[each] for each in of))
            published.ratios.append(Ratio((table.name, place), *facts, shown, cell.says))


def _as_printed(count: int, hidden: Status | None, audience: Audience) -> Bounds:
    """What the place of a count says of it: itself, that it is small, or nothing."""
    if hidden is None:
        return as_shown(count, audience)
    is_marked = hidden == "suppressed" and audience.marks_small and audience.is_small(count)
    return Bounds(1, audience.min_count - 1) if is_marked else Bounds()


def as_shown(count: int, audience: Audience) -> Bounds:
    """Counts that are shown as this one is: nought and exact counts are themselves, and whoever is rounded is not small."""
    if count == 0 or not audience.rounds:
        return Bounds(count, count)
    step, half = audience.round_to, audience.round_to / 2
    shown = int((Decimal(count) / step).quantize(Decimal(1), "ROUND_HALF_UP")) * step
    return Bounds(max(ceil(shown - half), audience.min_count), ceil(shown + half) - 1)


def tightened(published: Published, rounds: int = ROUNDS) -> dict[Fact, Bounds]:
    """Bounds after what sums and ratios say, passed on `rounds` times at most; never tighter than the truth allows."""
    bounds = dict(published.bounds)
    for _ in range(rounds):
        before = dict(bounds)
        for one in published.sums:
            _along_sum(bounds, one)
        for part, whole in published.parts:
            bounds[part] = bounds[part].within(0, bounds[whole].high)
            bounds[whole] = bounds[whole].within(bounds[part].low, inf)
        for ratio in published.ratios:
            _along_ratio(bounds, ratio)
        if bounds == before:
            break
    return bounds


def _along_sum(bounds: dict[Fact, Bounds], one: Sum) -> None:
    for own, other in ((one.left, one.right), (one.right, one.left)):
        for fact in own:
            beside = [bounds[each] for each in own if each != fact]
            low = sum(bounds[each].low for each in other) - sum(each.high for each in beside)
            high = sum(bounds[each].high for each in other) - sum(each.low for each in beside)
            bounds[fact] = bounds[fact].within(low, high)


def _along_ratio(bounds: dict[Fact, Bounds], ratio: Ratio) -> None:
    """Keep the pairs that would have been shown as this one is."""
    whole, part = bounds[ratio.denominator], bounds[ratio.numerator]
    if whole.high == inf and part.high < inf:
        bounds[ratio.denominator] = whole.within(0, _passed(ratio, part, lambda known, count: (known, count)))
    elif part.high == inf and whole.high < inf:
        bounds[ratio.numerator] = part.within(0, _passed(ratio, whole, lambda known, count: (count, known)))
    if pairs := _pairs(bounds, ratio):
        tops, bottoms = zip(*pairs, strict=True)
        bounds[ratio.numerator] = part.within(min(tops), max(tops))
        bounds[ratio.denominator] = whole.within(min(bottoms), max(bottoms))


def _pairs(bounds: Mapping[Fact, Bounds], ratio: Ratio) -> list[tuple[int, int]]:
    """Numerators and denominators that would have been shown as this one is; none where there are too many to look through."""
    whole, part = bounds[ratio.denominator], bounds[ratio.numerator]
    if whole.high == inf or part.high == inf or (whole.width + 1) * (part.width + 1) > MOST_PAIRS:
        return []
    return _alike(ratio.says, ratio.shown, part, whole)


@lru_cache(maxsize=ALIKE_KEPT)
def _alike(says: Says, shown: tuple[Decimal | None, Interval | None], part: Bounds, whole: Bounds) -> list[tuple[int, int]]:
    """The same, kept: an attack asks again with each cell that is hidden, mostly of bounds that have not changed."""
    numbers = range(ceil(part.low), int(part.high) + 1), range(ceil(whole.low), int(whole.high) + 1)
    return [pair for pair in product(*numbers) if says(*pair) == shown]


def _passed(ratio: Ratio, known: Bounds, pair: Callable[[int, int], tuple[int, int]]) -> float:
    """A count from which on nothing would be shown as this ratio is, whatever the other, `known` count is; infinite if none is.

    A ratio moves one way with each of its counts, so once it has passed what is shown, for the least and for the most of the
    other count, it never comes back.
    """
    aim = _figure(ratio.shown)
    ends = ceil(known.low), int(known.high)

    def sides(count: int) -> set[int]:
        figures = [_figure(ratio.says(*pair(end, count))) for end in ends]
        return {0 if aim is None or each is None else (each > aim) - (each < aim) for each in figures}

    in_the_end = sides(FARTHEST)
    if len(in_the_end) > 1 or in_the_end == {0}:
        return inf
    count = 1
    while count < FARTHEST and sides(count) != in_the_end:
        count *= 2
    return count


def _figure(shown: tuple[Decimal | None, Interval | None]) -> Decimal | None:
    value, interval = shown
    return value if value is not None or interval is None else interval[0]


def inferred(published: Published, wanted: Iterable[Fact], enough: Enough) -> dict[Fact, Bounds]:
    """Least and most of every wanted fact that is not `enough` in the dark.

    A solution found for one fact shows how far the others can go too, so most need no linear program of their own. A fact that
    nothing speaks of keeps its own bounds. Raises ReleaseBlocked where the counts contradict each other.
    """
    bounds, wanted = tightened(published), set(wanted)
    for fact, each in bounds.items():
        if each.low > each.high:
            raise _contradiction(fact)
    found = {fact: bounds[fact] for fact in wanted if not enough(fact, bounds[fact])}
    for component in replace(published, bounds=bounds).components():
        found |= _solved(component, sorted(wanted & component.bounds.keys() - found.keys()), enough)
    return found


def _solved(component: Published, wanted: list[Fact], enough: Enough) -> dict[Fact, Bounds]:
    if not wanted:
        return {}
    system = _System(component, wanted)
    found = {}
    for fact in wanted:
        if fact in system.seen and enough(fact, system.seen[fact]):
            continue
        least, most = system.end(fact, 1), system.end(fact, -1)
        ends = Bounds(ceil(least - 1e-6), most if most == inf else floor(most + 1e-6))
        if not enough(fact, ends):
            found[fact] = ends
    return found


def _limits(bounds: Mapping[Fact, Bounds], ratio: Ratio) -> Iterator[tuple[Fact, Fact, float]]:
    """Between which multiples of the denominator the numerator lies: a fact, and another of which it is at most so many times."""
    pairs = [(part, whole) for part, whole in _pairs(bounds, ratio) if whole]
    if pairs:
        least, most = min(part / whole for part, whole in pairs), max(part / whole for part, whole in pairs)
        yield ratio.numerator, ratio.denominator, most
        if least:
            yield ratio.denominator, ratio.numerator, 1 / least


def _contradiction(fact: Fact) -> ReleaseBlocked:
    return ReleaseBlocked(
        f"The counts to be published contradict each other, among them {fact}.",
        "Build again (`iom build run DATE --full`); if it stays so, two marts count one thing differently.",
    )


class _System:
    """The sums of one component as a linear program, solved for one aim after the other from where the last one ended."""

    def __init__(self, component: Published, wanted: Collection[Fact]) -> None:
        bounds = component.bounds
        facts = sorted(bounds)
        self.at = {fact: number for number, fact in enumerate(facts)}
        self.wanted = wanted
        self.seen: dict[Fact, Bounds] = {}  # how far solutions so far show that they can go, of those that are wanted
        self.solver = highspy.Highs()
        for option, setting in (("output_flag", False), ("presolve", "off"), ("solver", "simplex")):
            self.solver.setOptionValue(option, setting)
        for fact in facts:
            self.solver.addVar(bounds[fact].low, min(bounds[fact].high, highspy.kHighsInf))
        for one in component.sums:
            self._add_row(0, [*((fact, 1.0) for fact in one.left), *((fact, -1.0) for fact in one.right)])
        parts = [(part, whole, 1.0) for part, whole in component.parts]
        for less, more, times in [*parts, *(limit for ratio in component.ratios for limit in _limits(bounds, ratio))]:
            self._add_row(-highspy.kHighsInf, [(less, 1.0), (more, -times)])

    def _add_row(self, least: float, terms: Iterable[tuple[Fact, float]]) -> None:
        """Terms that together are no more than nought, and no less than `least`."""
        factors: dict[int, float] = defaultdict(float)
        for fact, factor in terms:
            factors[self.at[fact]] += factor
        self.solver.addRow(least, 0, len(factors), list(factors), list(factors.values()))

    def end(self, fact: Fact, sign: int) -> float:
        """The least (sign 1) or the most (sign -1) that a fact can be; what the solution says of others goes into `seen`."""
        place = self.at[fact]
        self.solver.changeColCost(place, sign)
        self.solver.run()
        status, solution = self.solver.getModelStatus(), self.solver.getSolution().col_value
        self.solver.changeColCost(place, 0)
        if status == highspy.HighsModelStatus.kUnbounded:
            return -sign * inf
        if status != highspy.HighsModelStatus.kOptimal:
            raise _contradiction(fact)
        for other in self.wanted:
            value, known = solution[self.at[other]], self.seen.get(other, Bounds(inf, -inf))
            if not known.low <= value <= known.high:
                self.seen[other] = Bounds(min(known.low, value), max(known.high, value))
        return float(solution[place])

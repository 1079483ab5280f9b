"""Which cells of a set of tables are hidden from an audience, until an attacker who holds all of them finds nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from math import inf

from iom_warehouse.disclosure import attack
from iom_warehouse.disclosure.attack import Published, ReleaseBlocked
from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.tables import Bounds, Cell, Column, Fact, Place, Status, Table
from iom_warehouse.disclosure.ties import close_ties

MOST_OF_ONE = 0.5  # of the events that a count may have of one person
Hidden = dict[Place, Status]
Spot = tuple[str, Place]  # name of a table, place in it


@dataclass(frozen=True)
class Found:
    """A count that the attacker has found, and how closely."""

    fact: Fact
    bounds: Bounds


@dataclass(frozen=True)
class Seen:
    """What is held already, from other reports: what this audience knows of counts shown to it, and counts hidden from it.

    `elsewhere`: what other audiences know of counts. `worked_out`: what this one can say of counts that were not shown to it, if
    they are still those of then.
    """

    shown: Mapping[Fact, Bounds] = field(default_factory=dict)
    hidden: frozenset[Fact] = frozenset()
    elsewhere: Mapping[Fact, Bounds] = field(default_factory=dict)
    worked_out: Mapping[Fact, Bounds] = field(default_factory=dict)

    @cached_property
    def known(self) -> Mapping[Fact, Bounds]:
        """All that this audience knows of counts."""
        worked_out = {
            fact: self.shown[fact].within(each.low, each.high) if fact in self.shown else each
            for fact, each in self.worked_out.items()
        }
        return {**self.shown, **worked_out}


NOTHING_SEEN = Seen()


def protect(
    tables: Sequence[Table],
    audience: Audience,
    released_before: Mapping[Fact, Collection[int]] | None = None,
    seen: Seen = NOTHING_SEEN,
) -> tuple[dict[str, Hidden], Seen]:
    """What to hide of each table, by its name, and what of `seen` is still true.

    Small counts first, counts that differ from what was `released_before` by a small number, what adds up with them, what is
    made of them; then, as often as an attack on all tables together still finds something, the marks that say of what was found
    that it is small, or else what gives it away. What was `seen` hidden stays hidden, and without a mark if it had none, and
    what was shown is known to the attacker. What was worked out before is no longer true where it tells of a count whatever is
    hidden: no release told as much, so the counts were others then. Raises ReleaseBlocked.
    """
    hidden: dict[str, Hidden] = {table.name: _small(table, audience) | _joined_away(table) for table in tables}
    if not audience.min_count:
        return hidden, seen
    steps: set[Fact] = set()
    for table in tables:
        near = list(_too_near(table, audience, released_before or {}))
        hidden[table.name] |= dict.fromkeys(near, "suppressed_with_another")
        steps |= {table.fact(place) for place in near}
        elsewhere = [place for place in table.counts if table.fact(place) in seen.hidden]
        marked = [p for p in elsewhere if p in hidden[table.name] and _was_marked(table.fact(p), audience, seen)]
        hidden[table.name] |= dict.fromkeys(set(elsewhere) - set(marked), "suppressed_with_another")
    kept_dark = _kept_dark(tables, audience, seen, steps)
    while True:
        for table in tables:
            _complete(table, hidden[table.name], audience)
        published = _unmarked(tables, hidden, audience, seen)
        found = _found(tables, hidden, published, audience, seen)
        if stale := _of_other_counts(found, tables, hidden, audience, seen):
            seen = replace(seen, worked_out={fact: each for fact, each in seen.worked_out.items() if fact not in stale})
            kept_dark = _kept_dark(tables, audience, seen, steps)
            continue
        spots = _giving_away(found, published, tables, hidden, audience, seen.shown)
        if not spots and _are_printed(found, tables):
            raise _blocked(found, audience)
        if not spots:
            found = _lit_up(kept_dark, published, audience, seen)
            spots = _giving_away(found, published, tables, hidden, audience, seen.shown)
        if not spots:
            published = attack.beside(_unmark(tables, hidden, kept_dark, audience, seen), seen.elsewhere)
            found = _found_by_both(tables, hidden, published, audience, seen) if seen.elsewhere else []
            if not found:
                return hidden, seen
            spots = _giving_away(found, published, tables, hidden, audience, seen.shown)
            if not spots:
                raise _blocked(found, audience)
        _hide(spots, hidden)


def worked_out(
    tables: Sequence[Table], hidden: Mapping[str, Hidden], audience: Audience, seen: Seen = NOTHING_SEEN
) -> dict[Fact, Bounds]:
    """What whoever holds the tables can say of counts that these do not show, for the reports that come after them.

    Without it a count could be followed from one month to the next through tables that never meet.
    """
    if not audience.min_count:
        return {}
    shown = {table.fact(p) for table in tables for p in table.counts if table.is_shown(p) and p not in hidden[table.name]}
    known = attack.tightened(_printed(tables, hidden, audience, seen), attack.MOST_ROUNDS)
    return {fact: bounds for fact, bounds in known.items() if fact not in shown and (bounds.low > 0 or bounds.high < inf)}


def _was_marked(fact: Fact, audience: Audience, seen: Seen) -> bool:
    return fact in seen.shown and seen.shown[fact].high < audience.min_count


def _hide(spots: Collection[Spot], hidden: Mapping[str, Hidden]) -> None:
    for name, place in spots:
        hidden[name][place] = "suppressed_with_another"


def _unmark(
    tables: Sequence[Table], hidden: Mapping[str, Hidden], kept_dark: Collection[Fact], audience: Audience, seen: Seen
) -> Published:
    """Take away the marks of small counts that tell too much. Returns what is known to whoever holds the tables then.

    Beside a mark, a count that has none is known not to be small, or it would have had one. And whether a mark goes tells
    something too, so all of a sum go together, and go wherever by what is printed its hidden counts could all be small and
    need not be.
    """
    if audience.marks_small:
        marked = _marked(tables, hidden)
        told = {table.fact(place) for table in tables for place in _could_all_be_small(table, hidden[table.name], audience)}
        _hide({spot for fact in told for spot in marked[fact]}, hidden)
    while True:
        published = _printed(tables, hidden, audience, seen)
        known = attack.beside(published, _not_small(tables, hidden, published, audience)) if audience.marks_small else published
        found = _found(tables, hidden, known, audience, seen) if audience.marks_small else []
        found += _lit_up(kept_dark, known, audience, seen)
        spots = _marks(found, published, tables, hidden)
        if not spots:
            return published
        _hide(spots, hidden)


def _could_all_be_small(table: Table, hidden: Hidden, audience: Audience) -> Iterator[Place]:
    """Marked counts of sums whose hidden counts, by what is printed, could all be small and need not be."""
    for tie in table.ties:
        for own, other in ((tie.left, tie.right), (tie.right, tie.left)):
            counted = [place for place in own if place in table.counts]
            dark = [place for place in counted if place in hidden or not table.is_shown(place)]
            beside = [place for place in other if place in table.counts]
            if not beside or any(place in hidden or not table.is_shown(place) for place in beside):
                continue
            left = sum(table.counts[place] for place in beside) - sum(
                table.counts[place] for place in counted if place not in dark
            )
            own_hidden = [place for place in dark if place in hidden]
            if audience.min_count + len(own_hidden) - 1 <= left <= len(dark) * (audience.min_count - 1):
                yield from (place for place in own_hidden if hidden[place] == "suppressed" and table.is_shown(place))


def _not_small(
    tables: Sequence[Table], hidden: Mapping[str, Hidden], published: Published, audience: Audience
) -> dict[Fact, Bounds]:
    """Hidden counts that stand in a sum with a mark and have none."""
    marked = _marked(tables, hidden).keys()
    beside = {fact for one in published.sums if marked & set(one.facts) for fact in one.facts}
    large = {
        table.fact(place) for table in tables for place in hidden[table.name]
        if table.is_shown(place) and table.counts.get(place, 0) >= audience.min_count
    }  # fmt: skip
    return dict.fromkeys(beside & large, Bounds(audience.min_count))


def _printed(tables: Sequence[Table], hidden: Mapping[str, Hidden], audience: Audience, seen: Seen) -> Published:
    """What is known to whoever holds the tables as they would be printed."""
    return attack.read({table.name: (table, hidden[table.name]) for table in tables}, audience, seen.known)


def _if_nothing_were_shown(tables: Sequence[Table], audience: Audience, seen: Seen) -> Published:
    """What is known of the counts of the tables already."""
    return attack.read({table.name: (table, _all_of(table)) for table in tables}, audience, seen.known)


def _unmarked(tables: Sequence[Table], hidden: Mapping[str, Hidden], audience: Audience, seen: Seen) -> Published:
    """The same if no small count were marked as such."""
    return _printed(tables, {name: dict.fromkeys(of, "suppressed_with_another") for name, of in hidden.items()}, audience, seen)


def hidden_at_first(table: Table, audience: Audience) -> Hidden:
    """What is hidden of a table by itself, before anybody has tried to find it."""
    hidden = _small(table, audience)
    _complete(table, hidden, audience)
    return hidden


def _joined_away(table: Table) -> Hidden:
    """The counts of groups that were joined into a larger one: nobody may find them from it. Noughts are no secret."""
    parts = {row.key for row in table.rows if not row.is_shown and not row.parts}
    return {place: "suppressed_with_another" for place, count in table.counts.items() if place[0] in parts and count}


def _small(table: Table, audience: Audience) -> Hidden:
    columns = {column.name: column for column in table.columns}
    hidden: Hidden = {place: "suppressed" for place in table.cells if _is_unsafe(table, place, columns[place[1]], audience)}
    return hidden | dict.fromkeys(_all_or_none(table, audience), "suppressed")


def _all_or_none(table: Table, audience: Audience) -> Iterator[Place]:
    """Counts of everybody or of nobody of a shown share, in public: they tell of each of them whether it is so of that person.

    So do the noughts beside a count of everybody.
    """
    shares = {column.of for column in table.columns if column.of and column.is_share and column.is_shown}
    for row, (part, whole) in product(table.rows, sorted(shares) if audience.rounds else ()):
        counted, of = table.counts.get((row.key, part)), table.counts.get((row.key, whole))
        if of and counted in (0, of):
            yield row.key, part
            yield from _beside((row.key, part), (row.key, whole), table) if counted else ()


def _beside(place: Place, whole: Place, table: Table) -> Iterator[Place]:
    """What makes up the whole of a share together with a count."""
    for tie in table.ties:
        for own, other in ((tie.left, tie.right), (tie.right, tie.left)):
            if place in own and [each for each in other if each in table.counts] == [whole]:
                yield from (each for each in own if each in table.counts and each != place)


def _is_unsafe(table: Table, place: Place, column: Column, audience: Audience) -> bool:
    cell = table.cells[place]
    if column.tells_counts and audience.rounds:
        return True
    if column.kind == "count":
        return isinstance(cell.value, int) and (audience.is_small(cell.value) or _rests_on_few(cell, audience))
    if column.kind == "plain":
        return False
    if cell.of_people is None:
        return False
    if cell.of_people < audience.min_denominator or audience.is_small(cell.of_people):
        return True
    if cell.numerator is None:
        return False
    # where counts are rounded, those who are not counted must not be found either, nor by how few a count has changed
    return audience.is_small(cell.numerator) or (audience.rounds and audience.is_small(_apart(table, place, column)))


def _apart(table: Table, place: Place, column: Column) -> int:
    """How far the two counts are apart that a rate is made of: a change of events is of two counts of events, not of people."""
    cell = table.cells[place]
    places = [(place[0], name) for name in column.of or ()]
    counts = [table.counts[each] for each in places if each in table.counts]
    numerator, denominator = counts if len(counts) == 2 else (cell.numerator or 0, cell.denominator or 0)
    return abs(denominator - numerator)


def _rests_on_few(cell: Cell, audience: Audience) -> bool:
    """Whether a count of events is of few people, or mainly of one, so that it tells what they did.

    `people` is a lower bound, which may be nought: behind a count above nought there is somebody.
    """
    is_of_few = bool(cell.value) and cell.people is not None and audience.is_small(max(cell.people, 1))
    is_mainly_of_one = cell.most is not None and isinstance(cell.value, int) and cell.most > MOST_OF_ONE * cell.value
    return bool(audience.min_count) and (is_of_few or is_mainly_of_one)


def _too_near(table: Table, audience: Audience, released_before: Mapping[Fact, Collection[int]]) -> Iterator[Place]:
    """Counts that an audience which sees them exactly could subtract from what it saw before. A rounded one hides small steps."""
    if audience.rounds:
        return
    for place, count in table.counts.items():
        if any(audience.is_small(abs(count - before)) for before in released_before.get(table.fact(place), ())):
            yield place


def _complete(table: Table, hidden: Hidden, audience: Audience) -> None:
    """Add what would give the hidden counts of one table away, and what is made of them.

    What a joined group counted, that an earlier release showed, is as good as shown. In a sum, a count that nobody prints is
    one that is hidden already, unless it is nought.
    """
    names = {column.name for column in table.columns if column.is_shown}
    keys = {row.key for row in table.rows if row.is_shown or row.parts}
    shown = {place: count for place, count in table.counts.items() if place[0] in keys and place[1] in names}
    unseen = {place: count for place, count in table.counts.items() if count and place not in shown}
    for place in close_ties(shown, table.ties, hidden.keys() & shown.keys(), audience.min_count, unseen):
        hidden[place] = "suppressed_with_another"
    for row in table.rows:
        for column in table.columns:
            place = (row.key, column.name)
            if place not in hidden and place in table.cells and any((row.key, part) in hidden for part in column.made_of):
                hidden[place] = "suppressed"


def _found(
    tables: Sequence[Table], hidden: Mapping[str, Hidden], published: Published, audience: Audience, seen: Seen
) -> list[Found]:
    """Hidden counts that the attacker knows too closely.

    Where counts are rounded, nothing says which of the hidden ones are small, so each must be uncertain by `min_count`, and so
    must a count of what few people did. Where a small one is marked as such, it must still be able to be any of the small
    numbers; one that is not marked is as uncertain as others. What was seen elsewhere is no secret as closely as all that was
    seen tells of it, and neither is nobody: noughts are shown, and hidden only for the sake of others.
    """
    counts = {table.fact(p): count for table in tables for p, count in table.counts.items() if p in hidden[table.name]}
    of_few = {table.fact(p) for table in tables for p in table.counts if _rests_on_few(table.cells[p], audience)}
    secret = {fact for fact, count in counts.items() if count and (audience.rounds or audience.is_small(count) or fact in of_few)}

    def is_enough(fact: Fact, bounds: Bounds) -> bool:
        return _is_as_seen(bounds, seen.shown.get(fact)) or is_dark(counts[fact], bounds, audience)

    found = attack.inferred(published, secret, is_enough)
    if of_seen := found.keys() & seen.shown.keys():
        told_before = attack.inferred(_if_nothing_were_shown(tables, audience, seen), of_seen, is_enough)
        found = {fact: bounds for fact, bounds in found.items() if not _is_as_seen(bounds, told_before.get(fact))}
    return [Found(fact, bounds) for fact, bounds in found.items()]


def is_dark(count: int, bounds: Bounds, audience: Audience) -> bool:
    """Whether somebody who knows no more of a hidden count is as uncertain about it as the audience must be."""
    can_be_any = audience.marks_small and bounds.low <= 1 and bounds.high >= audience.min_count - 1
    return bounds.width >= audience.min_count or (audience.is_small(count) and can_be_any)


def _of_other_counts(
    found: Sequence[Found], tables: Sequence[Table], hidden: Mapping[str, Hidden], audience: Audience, seen: Seen
) -> set[Fact]:
    """Of what was worked out before, the counts that were others then.

    Every release kept all that was hidden in the dark. So where a count that stands in the tables follows from what was worked
    out, whatever is hidden now, it was not worked out of the counts as they are, nor was what goes with it.
    """
    printed = _facts_printed(tables)
    secret = {one.fact for one in found if one.fact in printed}
    if not secret or not seen.worked_out:
        return set()
    nothing = _if_nothing_were_shown(tables, audience, seen)
    known = {one.fact for one in _found(tables, hidden, nothing, audience, seen)} & secret
    together = (component.bounds.keys() for component in nothing.components())
    return {fact for facts in together if facts & known for fact in facts & seen.worked_out.keys()}


def _kept_dark(tables: Sequence[Table], audience: Audience, seen: Seen, steps: Collection[Fact]) -> set[Fact]:
    """Counts that other reports hide, of any size, and those with small `steps` from what was released, which are not known yet:
    what they were hidden for follows from them.

    Where counts are rounded all that are hidden are secret anyway.
    """
    if audience.rounds:
        return set()
    facts = {table.fact(place) for table in tables for place, count in table.counts.items() if count}
    facts &= seen.hidden.union(steps)
    nothing = _if_nothing_were_shown(tables, audience, seen)
    return facts - attack.inferred(nothing, facts, _is_uncertain(audience, seen)).keys()


def _lit_up(kept_dark: Collection[Fact], published: Published, audience: Audience, seen: Seen) -> list[Found]:
    """Those of them that are found now."""
    return [Found(*each) for each in attack.inferred(published, kept_dark, _is_uncertain(audience, seen)).items()]


def _is_uncertain(audience: Audience, seen: Seen) -> attack.Enough:
    return lambda fact, bounds: _is_as_seen(bounds, seen.known.get(fact)) or bounds.width >= audience.min_count


def _are_printed(found: Sequence[Found], tables: Sequence[Table]) -> bool:
    """Whether one of them stands in a table; one that does not, and follows from what is known already, is no fault of these."""
    printed = _facts_printed(tables)
    return any(one.fact in printed for one in found)


def _facts_printed(tables: Sequence[Table]) -> set[Fact]:
    return {table.fact(place) for table in tables for place in table.counts if table.is_shown(place)}


def _marked(tables: Sequence[Table], hidden: Mapping[str, Hidden]) -> dict[Fact, set[Spot]]:
    """Where each count that is marked as small is marked: a count is shown in one way wherever it stands."""
    spots: dict[Fact, set[Spot]] = {}
    for table in tables:
        for place in table.counts:
            if hidden[table.name].get(place) == "suppressed" and table.is_shown(place):
                spots.setdefault(table.fact(place), set()).add((table.name, place))
    return spots


def _marks(found: Sequence[Found], published: Published, tables: Sequence[Table], hidden: Mapping[str, Hidden]) -> set[Spot]:
    """Where it says that a count is small, which tells more than hiding it: of a count found its own mark, else the nearest, and
    those in a sum with either.
    """
    places = _marked(tables, hidden)
    chosen: set[Fact] = set()
    reached: set[Fact] = set()
    for fact in sorted(one.fact for one in found):
        nearest = next(iter(sorted(edge & places.keys()) for edge in attack.around(published, fact) if edge & places.keys()), [])
        if nearest and not reached & {fact, nearest[0]}:
            of_sums = {each for one in published.sums if {fact, nearest[0]} & set(one.facts) for each in one.facts}
            chosen |= {nearest[0]} | of_sums & places.keys()
            reached |= of_sums
    return {spot for fact in chosen for spot in places[fact]}


def _found_by_both(
    tables: Sequence[Table], hidden: Mapping[str, Hidden], published: Published, audience: Audience, seen: Seen
) -> list[Found]:
    """Small counts of which somebody who reads for other audiences too knows more than each of these was told by itself.

    `published`: what that reader holds.
    What is shown to one of them is no secret from such a reader, so nothing else is looked at: a small count must still be able
    to be any of the small numbers that were left open, or be as uncertain as it is to this audience where none was told that it
    is small. What the others' figures tell without this release is no fault of it.
    """
    facts = {table.fact(p): count for table in tables for p, count in table.counts.items() if p in hidden[table.name]}
    small = {fact for fact, count in facts.items() if audience.is_small(count)}

    def is_enough(fact: Fact, bounds: Bounds) -> bool:
        if _is_as_seen(bounds, seen.shown.get(fact)):
            return True
        told = seen.elsewhere.get(fact, Bounds())
        if told.high >= audience.min_count and bounds.width >= audience.min_count:
            return True
        return bounds.low <= max(1, told.low) and bounds.high >= min(audience.min_count - 1, told.high)

    found = attack.inferred(published, small, is_enough)
    if found:
        nothing = _if_nothing_were_shown(tables, audience, seen)
        told_before = attack.inferred(attack.beside(nothing, seen.elsewhere), found, is_enough)
        found = {fact: bounds for fact, bounds in found.items() if fact not in told_before}
    return [Found(fact, bounds) for fact, bounds in found.items()]


def _all_of(table: Table) -> Hidden:
    return dict.fromkeys(table.cells, "suppressed_with_another")


def _is_as_seen(bounds: Bounds, seen: Bounds | None) -> bool:
    """Whether a count is known no more closely than it was seen; it may have been seen when less was told of it."""
    return seen is not None and bounds.low <= seen.low and bounds.high >= seen.high


def _giving_away(
    found: Sequence[Found],
    published: Published,
    tables: Sequence[Table],
    hidden: Mapping[str, Hidden],
    audience: Audience,
    seen: Mapping[Fact, Bounds],
) -> set[Spot]:
    """For each count found, what to hide next: the nearest share or change of the fewest people, else the smallest count near.

    A count that was seen as closely as it would be shown now is not worth hiding.
    """
    count_spots: dict[Fact, list[Spot]] = {}
    counts: dict[Fact, int] = {}
    for table in tables:
        for place, count in table.counts.items():
            fact = table.fact(place)
            counts[fact] = count
            is_known = fact in seen and seen[fact].width <= attack.as_shown(count, audience).width
            if place not in hidden[table.name] and table.is_shown(place) and not is_known:
                count_spots.setdefault(fact, []).append((table.name, place))
    return {spot for one in found for spot in _nearest(one.fact, published, counts, count_spots)}


def _nearest(fact: Fact, published: Published, counts: Mapping[Fact, int], count_spots: Mapping[Fact, list[Spot]]) -> list[Spot]:
    reached: set[Fact] = set()
    for edge in attack.around(published, fact):
        reached |= edge
        ratios = [ratio for ratio in published.ratios if {ratio.numerator, ratio.denominator} & reached]
        if ratios:
            return [min(ratios, key=lambda ratio: (counts[ratio.denominator], ratio.place)).place]
        shown = [each for each in reached if each in count_spots]
        if shown:
            return count_spots[min(shown, key=lambda each: (counts[each] == 0, counts[each], each))]
    return []


def _blocked(found: Sequence[Found], audience: Audience) -> ReleaseBlocked:
    cells = ", ".join(sorted(one.fact for one in found)[:10])
    return ReleaseBlocked(
        f"Not released to {audience.name}: these hidden counts could be worked out whatever else is hidden: {cells}.",
        "Take the table with them out of the report, or join its areas or groups into larger ones.",
    )

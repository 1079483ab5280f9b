"""What reports that are out tell of counts: somebody may hold several of them, for several audiences, and subtract."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from iom_warehouse.disclosure import attack
from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.control import rounded
from iom_warehouse.disclosure.merging import sums
from iom_warehouse.disclosure.protection import is_dark
from iom_warehouse.disclosure.tables import Bounds, Fact


@dataclass(frozen=True)
class Shown:
    """The numbers that reports show of a count, whether any of them hides it as a small one, and what can be worked out of it."""

    numbers: Collection[int] = ()
    is_hidden: bool = False
    worked_out: Collection[Bounds] = ()


def known(shown: Mapping[Fact, Shown], counts: Mapping[Fact, int], audience: Audience) -> dict[Fact, Bounds]:
    """What an audience, as it was protected then, was told of counts and of several of them joined. `counts`: as they are now."""
    counts = {**counts, **sums(shown, counts)}
    found = {fact: told(counts[fact], audience, of.is_hidden, of.numbers) for fact, of in shown.items() if fact in counts}
    return {fact: bounds for fact, bounds in found.items() if bounds is not None}


def worked_out_before(shown: Mapping[Fact, Shown], counts: Mapping[Fact, int], audience: Audience) -> dict[Fact, Bounds]:
    """What it can say beyond that of counts that were not shown to it, as far as they can still be those of then."""
    counts = {**counts, **sums(shown, counts)}
    found = {fact: _within(of, counts[fact], audience) for fact, of in shown.items() if fact in counts}
    return {fact: bounds for fact, bounds in found.items() if bounds != Bounds()}


def _within(of: Shown, count: int, audience: Audience) -> Bounds:
    """Bounds that do not contain today's count were told of an earlier one; so were those that no release would tell of it."""
    found = Bounds()
    for each in of.worked_out:
        if each.low <= count <= each.high:
            found = found.within(each.low, each.high)
    printed = told(count, audience, of.is_hidden, of.numbers)
    beside = printed or Bounds()
    is_secret = audience.is_small(count) or (audience.rounds and count and printed is None)
    return Bounds() if is_secret and not is_dark(count, found.within(beside.low, beside.high), audience) else found


def told(count: int, audience: Audience, is_hidden: bool, shown_as: Collection[int]) -> Bounds | None:
    """What an audience knows of a count, by what it was shown of it; None where that tells nothing, or was of another count.

    `is_hidden`: as a small one. A count that was shown otherwise than it would be now is another one by now.
    """
    if audience.is_small(count):
        return Bounds(1, audience.min_count - 1) if is_hidden and not audience.rounds else None
    return attack.as_shown(count, audience) if rounded(count, audience) in shown_as else None

"""What reports that are out tell of counts: somebody may hold several of them, for several audiences, and subtract."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from iom_warehouse.disclosure import attack
from iom_warehouse.disclosure.attack import Bounds, Fact
from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.control import rounded
from iom_warehouse.disclosure.merging import sums


@dataclass(frozen=True)
class Shown:
    """The numbers that reports show of a count, and whether any of them hides it as a small one."""

    numbers: Collection[int] = ()
    is_hidden: bool = False


def known(shown: Mapping[Fact, Shown], counts: Mapping[Fact, int], audience: Audience) -> dict[Fact, Bounds]:
    """What an audience, as it was protected then, knows of counts and of several of them joined. `counts`: as they are now."""
    counts = {**counts, **sums(shown, counts)}
    return {
        fact: bounds
        for fact, of in shown.items()
        if fact in counts and (bounds := told(counts[fact], audience, of.is_hidden, of.numbers))
    }


def told(count: int, audience: Audience, is_hidden: bool, shown_as: Collection[int]) -> Bounds | None:
    """What an audience knows of a count, by what it was shown of it; None where that tells nothing, or was of another count.

    `is_hidden`: as a small one. A count that was shown otherwise than it would be now is another one by now.
    """
    if audience.is_small(count):
        return Bounds(1, audience.min_count - 1) if is_hidden and not audience.rounds else None
    return attack.as_shown(count, audience) if rounded(count, audience) in shown_as else None

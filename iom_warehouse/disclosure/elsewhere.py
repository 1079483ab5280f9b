"""What other audiences hold of the same counts: somebody may read for two of them, and subtract."""

from collections.abc import Collection

from iom_warehouse.disclosure import attack
from iom_warehouse.disclosure.attack import Bounds
from iom_warehouse.disclosure.audiences import Audience
from iom_warehouse.disclosure.control import rounded


def told(count: int, audience: Audience, is_hidden: bool, shown_as: Collection[int]) -> Bounds | None:
    """What an audience knows of a count, by what it was shown of it; None where that tells nothing, or was of another count.

    `is_hidden`: as a small one. A count that was shown otherwise than it would be now is another one by now.
    """
    if is_hidden:
        marks_small = audience.is_small(count) and not audience.rounds
        return Bounds(1, audience.min_count - 1) if marks_small else None
    return attack.as_shown(count, audience) if rounded(count, audience) in shown_as else None

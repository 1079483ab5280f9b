"""Cells that would give a hidden count away, because they and the hidden one add up to something shown."""

from collections.abc import Iterable, Mapping, Set

from iom_warehouse.disclosure.tables import Place, Tie


def close_ties(
    counts: Mapping[Place, int], ties: Iterable[Tie], hidden: Set[Place], width: int, unseen: Mapping[Place, int] | None = None
) -> set[Place]:
    """Further places to hide: of every tie with a hidden cell at least two, together at least `width`.

    The smallest go first, the first of equals; noughts only where nothing else is left. `width` is the least width of what can be
    inferred about a hidden count. `unseen`: counts that nobody prints, so that they are as good as hidden beside one that is.
    """
    unseen = unseen or {}
    bound = [
        (tuple(place for place in tie.places if place in counts), [unseen[place] for place in tie.places if place in unseen])
        for tie in ties
    ]
    closed = set(hidden)
    while more := next((place for of in bound if (place := _next_of(*of, counts, closed, width))), None):
        closed.add(more)
    return closed - hidden


def _next_of(
    places: tuple[Place, ...], unseen: list[int], counts: Mapping[Place, int], hidden: Set[Place], width: int
) -> Place | None:
    kept = [place for place in places if place not in hidden]
    taken = [counts[place] for place in places if place in hidden]
    is_enough = len([*taken, *unseen]) > 1 and sum([*taken, *unseen]) >= width
    if not taken or not kept or is_enough:
        return None
    return min(kept, key=lambda place: (counts[place] == 0, counts[place]))

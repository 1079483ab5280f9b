"""Cells that would give a hidden count away, because they and the hidden one add up to something shown."""

from collections.abc import Iterable, Mapping, Set

from iom_warehouse.disclosure.tables import Place, Tie


def close_ties(counts: Mapping[Place, int], ties: Iterable[Tie], hidden: Set[Place], width: int) -> set[Place]:
    """Further places to hide: of every tie with a hidden cell at least two, together at least `width`.

    The smallest go first, the first of equals; noughts only where nothing else is left. `width` is the least width of what can be
    inferred about a hidden count.
    """
    bound = [tuple(place for place in tie.places if place in counts) for tie in ties]
    closed = set(hidden)
    while more := next((place for places in bound if (place := _next_of(places, counts, closed, width))), None):
        closed.add(more)
    return closed - hidden


def _next_of(places: tuple[Place, ...], counts: Mapping[Place, int], hidden: Set[Place], width: int) -> Place | None:
    kept = [place for place in places if place not in hidden]
    taken = [counts[place] for place in places if place in hidden]
    if not taken or not kept or (len(taken) > 1 and sum(taken) >= width):
        return None
    return min(kept, key=lambda place: (counts[place] == 0, counts[place]))

"""Who is one person by the rule of the linkage as it is written: one edge after another, from the strongest down."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Pair:
    """Two scored records, as the columns of identity.pair have them."""

    one: Hashable
    other: Hashable
    weight: float
    shares_identifier: bool
    looks_like_twins: bool
    has_two_forenames: bool


def people(records: Sequence, pairs: Iterable[Pair], join: float, pncs: Mapping) -> set[frozenset]:
    """The records of each person. `records` are in the order that decides ties; `pncs` says which have a PNC."""
    place = {record: number for number, record in enumerate(records)}
    edges, twins, vouched, refused, two_named = [], set(), set(), set(), set()
    for pair in pairs:
        one, other = sorted((pair.one, pair.other), key=place.__getitem__)
        if pair.looks_like_twins:
            twins.add((one, other))
        elif pair.weight >= join:
            edges.append((-pair.weight, place[one], place[other]))
            vouched |= {(one, other)} if pair.shares_identifier else set()
            two_named |= {one, other} if pair.has_two_forenames else set()
    group_of = {record: frozenset({record}) for record in records}
    for _, one_place, other_place in sorted(edges):
        one, other = records[one_place], records[other_place]
        if group_of[one] == group_of[other] or (one, other) in refused:
            continue
        between = {tuple(sorted(pair, key=place.__getitem__)) for pair in product(group_of[one], group_of[other])}
        joined = group_of[one] | group_of[other]
        suspected = between & twins and not (between & vouched or joined & two_named)
        if suspected or len({pncs.get(record) for record in joined} - {None}) > 1:
            refused |= between
            continue
        two_named |= joined if between & twins else set()
        group_of.update(dict.fromkeys(joined, joined))
    return set(group_of.values())

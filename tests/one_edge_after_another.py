"""Who is one person by the rule of the linkage as it is written: one edge after another, from the strongest down."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf


@dataclass(frozen=True)
class Pair:
    """Two scored records, as the columns of identity.pair have them."""

    one: Hashable
    other: Hashable
    weight: float
    shares_identifier: bool
    looks_like_twins: bool
    has_two_forenames: bool
    has_like_forenames: bool  # both have one, and they are not another's
    is_contradicted: bool = False  # they share an identifier, and all else says that it is somebody else's


def people(
    records: Sequence, pairs: Iterable[Pair], join: float, pncs: Mapping, decisions: Iterable[tuple] = ()
) -> set[frozenset]:
    """The records of each person. `records` are in the order that decides ties; `pncs` says which have a PNC; `decisions` are
    those of stewards: same or different, and two records."""
    place = {record: number for number, record in enumerate(records)}
    edges, twins, contradicted, vouched, refused, two_named, namesakes = [], set(), set(), set(), set(), set(), set()
    for pair in pairs:
        one, other = sorted((pair.one, pair.other), key=place.__getitem__)
        if pair.has_like_forenames and not (pair.looks_like_twins or pair.has_two_forenames):
            namesakes |= {(one, other), (other, one)}
        if pair.looks_like_twins:
            twins.add((one, other))
        elif pair.is_contradicted:
            contradicted.add((one, other))
        elif pair.weight >= join:
            edges.append((-pair.weight, place[one], place[other], pair.has_two_forenames))
            vouched |= {(one, other)} if pair.shares_identifier else set()
    told_apart = set()
    for kind, *named in decisions:
        one, other = sorted(named, key=place.__getitem__)
        if kind == "same":
            edges.append((-inf, place[one], place[other], False))
            vouched.add((one, other))
        else:
            told_apart.add((one, other))
    group_of = {record: frozenset({record}) for record in records}

    def goes_by_it(record: Hashable, group: frozenset) -> bool:
        """Whether a person has two forenames already, one of which is the record's."""
        return bool(group & two_named) and any((record, member) in namesakes for member in group)

    def goes_by_either(pair: tuple) -> bool:
        return goes_by_it(pair[0], group_of[pair[1]]) or goes_by_it(pair[1], group_of[pair[0]])

    for strength, one_place, other_place, says_two_forenames in sorted(edges):
        one, other = records[one_place], records[other_place]
        if group_of[one] == group_of[other] or (one, other) in refused:
            continue
        between = {tuple(sorted(pair, key=place.__getitem__)) for pair in product(group_of[one], group_of[other])}
        joined = group_of[one] | group_of[other]
        suspected = not between & vouched and not all(goes_by_either(pair) for pair in between & twins)
        is_stewards = strength == -inf
        somebody_elses = not is_stewards and not all(goes_by_either(pair) for pair in between & contradicted)
        held, others = ({pncs.get(record) for record in group} - {None} for group in (group_of[one], group_of[other]))
        two_pncs = not (held <= others or others <= held or is_stewards)
        if suspected or somebody_elses or two_pncs or between & told_apart:
            refused |= between
            continue
        two_named |= joined if between & (twins | contradicted) or says_two_forenames else set()
        group_of.update(dict.fromkeys(joined, joined))
    return set(group_of.values())

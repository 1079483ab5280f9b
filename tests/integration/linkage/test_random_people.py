"""Random records: the linkage against two independent ways to find the same people, and in any order of arrival."""

import hashlib
import random

import check_letters_again as again
import numpy as np
import pytest
from feeds_of_people import KEYS, Feeds, Record, Row
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

KINDS = {"pnc": "pncid", "cro": "cro_number", "prison_number": "prison_number", "crn": "crn"}  # strongest first
COLUMNS = {
    "police": ("pncid", "cro_number"),
    "probation": ("pncid", "prison_number"),
    "prison": ("pncid", "cro_number"),
    "hub": ("pncid", "prison_number", "crn"),
}
Night = dict[str, list[Row]]


def random_night(rng: random.Random, size: int, births: int, pncs: int) -> Night:
    """Records of four feeds that share a few identifiers at random; no birth dates or PNCs when there are 0 to choose from."""
    pool = {
        "pncid": [again.pnc(1990 + n, n) for n in range(pncs)],
        "cro_number": [again.cro(1990 + n, n) for n in range(size // 3)],
        "prison_number": [f"A{n:04}BC" for n in range(size // 2)],
        "crn": [f"X{n:06}" for n in range(size // 2)],
    }
    keys = {"police": [f"P{n}" for n in range(size)], "probation": pool["crn"], "prison": pool["prison_number"]}
    keys["hub"] = [f"H{n}" for n in range(size)]
    night: Night = {}
    for feed, columns in COLUMNS.items():
        night[feed] = [
            {KEYS[feed]: key}
            | {name: rng.choice(pool[name]) for name in columns if pool[name] and rng.random() < 0.7}
            | ({"dob": f"19{50 + rng.randrange(births)}-01-01"} if births and rng.random() < 0.7 else {})
            for key in rng.sample(keys[feed], len(keys[feed]) // 2)
        ]
    return night


def records_of(night: Night) -> dict[Record, Row]:
    """Records in the order in which the linkage takes them: by feed, then key."""
    return {(feed, row[KEYS[feed]]): row for feed in night for row in sorted(night[feed], key=lambda row: row[KEYS[feed]])}


def holders(night: Night) -> list[tuple[str, list[Record]]]:
    """Kind and records of every identifier, in the order in which they are considered."""
    found: dict[tuple[int, bytes], tuple[str, list[Record]]] = {}
    for record, row in records_of(night).items():
        for strength, (kind, column) in enumerate(KINDS.items()):
            if value := row.get(column):
                found.setdefault((strength, hashlib.md5(value.encode()).digest()), (kind, []))[1].append(record)
    return [found[rank] for rank in sorted(found)]


def components(night: Night) -> set[frozenset[Record]]:
    """People when nothing contradicts: the connected components of the graph, found by scipy."""
    place = {record: number for number, record in enumerate(records_of(night))}
    pairs = [(place[records[0]], place[record]) for _, records in holders(night) for record in records]
    one, other = np.array(pairs).T
    graph = coo_array((np.ones(len(pairs)), (one, other)), shape=(len(place), len(place)))
    _, labels = connected_components(graph, directed=False)
    return {frozenset(record for record in place if labels[place[record]] == label) for label in set(labels)}


def one_by_one(night: Night) -> set[frozenset[Record]]:
    """People by the rule as it is written: one identifier after another."""
    rows = records_of(night)
    group_of = {record: frozenset({record}) for record in rows}

    def facts(group: frozenset[Record], column: str) -> set[str]:
        return {rows[record][column] for record in group if column in rows[record]}

    for _, records in holders(night):
        met = {group_of[record] for record in records}
        births = {birth for group in met for birth in facts(group, "dob")}
        parts = (
            [[group for group in met if facts(group, "dob") == {birth}] for birth in births] if len(births) > 1 else [list(met)]
        )
        for part in parts:
            if len({pnc for group in part for pnc in facts(group, "pncid")}) <= 1:
                joined = frozenset().union(*part)
                group_of.update(dict.fromkeys(joined, joined))
    return set(group_of.values())


def deliver(feeds: Feeds, night: Night, sequence: int = 1) -> None:
    for feed, rows in night.items():
        feeds.deliver(feed, sequence, rows)


@pytest.mark.parametrize("seed", range(6))
def test_without_contradictions_people_are_connected_components(feeds: Feeds, seed: int) -> None:
    night = random_night(random.Random(seed), size=60, births=0, pncs=0)
    deliver(feeds, night)
    feeds.link()
    assert feeds.people() == components(night) == one_by_one(night)
    assert feeds.conflicts() == set()
    assert max(len(person) for person in feeds.people()) > 3, "the graph must be worth the name"


@pytest.mark.parametrize("seed", range(8))
def test_with_contradictions_people_are_those_of_one_identifier_after_another(feeds: Feeds, seed: int) -> None:
    night = random_night(random.Random(seed), size=60, births=2, pncs=20)
    deliver(feeds, night)
    feeds.link()
    people, rows = feeds.people(), records_of(night)
    assert people == one_by_one(night)
    for column in ("dob", "pncid"):
        assert max(len({rows[record].get(column) for record in person} - {None}) for person in people) == 1
    apart = {frozenset(records) for _, _, records in feeds.conflicts()}
    assert apart, "the records must contradict each other"
    assert people != components(night)
    assert not any(pair <= person for pair in apart for person in people)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_does_not_matter(feeds: Feeds, seed: int) -> None:
    rng = random.Random(seed)
    night = random_night(rng, size=40, births=2, pncs=12)
    arrived: Night = {feed: [] for feed in night}
    waiting = [(feed, row) for feed in night for row in night[feed]]
    rng.shuffle(waiting)
    for sequence in range(1, 6):  # a fifth of the records each night, and some leave again
        for _ in range(len(waiting) if sequence == 5 else len(waiting) // 2):
            feed, row = waiting.pop()
            arrived[feed].append(row)
        if sequence < 4:
            feed = rng.choice(list(arrived))
            waiting += [(feed, arrived[feed].pop()) for _ in range(len(arrived[feed]) // 2)]
        deliver(feeds, arrived, sequence)
        feeds.link()
        feeds.link()
        assert feeds.people() == one_by_one(arrived)
    assert arrived.keys() == night.keys()
    assert feeds.people() == one_by_one(night)


@pytest.mark.parametrize("seed", range(2))
def test_history_keeps_what_each_run_knew(feeds: Feeds, seed: int) -> None:
    rng = random.Random(seed)
    known = {}
    for sequence in range(1, 6):
        deliver(feeds, random_night(rng, size=40, births=2, pncs=12), sequence)
        run = feeds.link().run_id
        known[run] = feeds.keys()
    assert {run: feeds.keys(run) for run in known} == known
    for sequence in (2, 4):
        vintage = dict.fromkeys(COLUMNS, sequence)
        assert feeds.keys(feeds.link(**vintage).run_id) == known[sequence]

"""Random acts of stewards upon people who resemble each other: what stands is obeyed, what is refused is not written."""

import random
from collections import Counter

import deciding
import pytest
from feeds_of_people import Feeds, Record, record_of
from test_matching import ANN, BOB, LEEDS, SMITH, dip, hub, police

from iom_warehouse.linkage import stewardship
from iom_warehouse.platform.errors import IomError

pytestmark = pytest.mark.usefixtures("every_run_is_checked")

WHY = "at random, for a test"
STANDING = """
    select kind, source_file, source_key, other_source_file, other_source_key from identity.decision
    where withdrawn_by_decision is null and kind <> 'undecided' order by decision_id
"""


def act(rng: random.Random, feeds: Feeds, steward) -> set[int]:
    """One act of a steward; the people who are one from then on, if it says so. Raises IomError when it is refused."""
    keys = feeds.keys()
    people = sorted(set(keys.values()))
    items = [item.item for item in stewardship.queue(steward)]
    merged: list[int] = []
    chosen = rng.choice(("merge", "split", "split", "reject", "confirm", "withdraw"))
    if chosen == "merge" and len(people) > 1:
        merged = rng.sample(people, 2)
        deciding.merge(steward, *merged, WHY)
    elif chosen == "split":
        person = rng.choice(people)
        names = sorted(key for (_, key), held in keys.items() if held == person)
        deciding.split(steward, person, feeds.numbers(*rng.sample(names, rng.randint(1, len(names)))), WHY)
    elif chosen == "withdraw":
        (last,) = feeds.query("select coalesce(max(decision_id), 1)::int from identity.decision")[0]
        stewardship.withdraw(steward, rng.randint(1, last), WHY)
    elif items:
        getattr(deciding, "confirm" if chosen == "confirm" else "reject")(steward, rng.choice(items), WHY)
    return set(merged)


def counted(feeds: Feeds) -> dict[str, int]:
    """Questions by kind, as the figures of the last run have them."""
    return dict(
        feeds.query(
            """select case item when 'scored' then 'uncertain_pair' else item end, n from audit.linkage_quality
               where run_id = (select max(run_id) from identity.linkage_run) and figure in ('uncertain_pairs', 'conflicts')
                   and item <> 'steward_different'"""
        )
    )


def contradicted(said: list[tuple[str, Record, Record]]) -> set[tuple[Record, Record]]:
    """Who was told apart and is one person all the same, by what was said of others."""
    group = {record: {record} for _, *pair in said for record in pair}
    for kind, one, other in said:
        if kind == "same" and group[one] is not group[other]:
            group[one] |= group[other]
            group |= dict.fromkeys(group[other], group[one])
    return {(one, other) for kind, one, other in said if kind == "different" and group[one] is group[other]}


@pytest.mark.parametrize("seed", range(4))
def test_what_stands_is_obeyed(feeds: Feeds, steward, seed: int) -> None:
    rng = random.Random(seed)
    near = SMITH | LEEDS | {"dob": "1980-05-18"}
    feeds.deliver(
        "police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS), police("P2", pncid=BOB, **near), police("P3", **SMITH, **LEEDS)]
    )
    peter = {"forenames": "Peter", "surname": "Smith", "prison_number": "A1234BC"}
    cases = [hub("H1", pncid=ANN, **near), hub("H2", **near), hub("H3", **peter)]
    feeds.deliver("hub", 1, cases)
    clients = [dip(f"D{number}", pncid=ANN, dob="1980-05-17") for number in (1, 2, 3)]
    numbers = {"D4": ("A1234BC", None), "D5": ("A1234BC", BOB), "D6": ("B1234BC", None), "D7": ("B1234BC", None)}
    clients += [dip(ref, prison_number=number, pncid=pnc, dob="1980-05-18") for ref, (number, pnc) in numbers.items()]
    feeds.deliver("dip", 1, clients)
    feeds.link()
    written = refused = 0
    for sequence in range(2, 16):
        feeds.deliver("hub", sequence, rng.sample(cases, rng.randint(1, 3)))  # a record may be away for a while
        feeds.link()
        before, keys_before, merged = feeds.query(STANDING), feeds.keys(), set()
        try:
            merged = act(rng, feeds, steward)
            written += feeds.query(STANDING) != before
        except IomError:
            refused += 1
            assert feeds.query(STANDING) == before
        feeds.link()
        kinds = Counter(item.kind for item in stewardship.queue(steward))
        assert counted(feeds) == {kind: n for kind, n in kinds.items() if kind not in stewardship.OF_ONE_PERSON}
        keys = feeds.keys()
        said = [(kind, record_of(*records[:2]), record_of(*records[2:])) for kind, *records in feeds.query(STANDING)]
        assert not contradicted(said), "though a record be away"
        for kind, one, other in said:
            assert not {one, other} <= keys.keys() or (keys[one] == keys[other]) == (kind == "same"), (kind, one, other)
        of_merged = {record for record, key in keys_before.items() if key in merged} & keys.keys()
        asked = set().union(*(pair for _, _, pair in feeds.conflicts()))
        assert len({keys[record] for record in of_merged - asked}) <= 1, of_merged
    assert written > 3 and refused > 0

"""Random acts of stewards upon people who resemble each other: what stands is obeyed, what is refused is not written."""

import random
from collections import Counter

import pytest
from feeds_of_people import Feeds, record_of
from test_matching import ANN, BOB, LEEDS, SMITH, dip, hub, police

from iom_warehouse.linkage import stewardship
from iom_warehouse.platform.errors import IomError

WHY = "at random, for a test"
STANDING = """
    select kind, source_file, source_key, other_source_file, other_source_key from identity.decision
    where withdrawn_by_decision is null and kind <> 'undecided' order by decision_id
"""


def act(rng: random.Random, feeds: Feeds, steward) -> None:
    """One act of a steward. Raises IomError when it is refused."""
    keys = feeds.keys()
    people = sorted(set(keys.values()))
    items = [item.item for item in stewardship.queue(steward)]
    chosen = rng.choice(("merge", "split", "split", "reject", "confirm", "withdraw"))
    if chosen == "merge" and len(people) > 1:
        stewardship.merge(steward, *rng.sample(people, 2), WHY)
    elif chosen == "split":
        files = {"police": "police_person", "hub": "hub_case", "dip": "dip_client"}
        person = rng.choice(people)
        names = sorted(f"{files[feed]} {key}" for (feed, key), held in keys.items() if held == person)
        stewardship.split(steward, person, rng.sample(names, rng.randint(1, len(names))), WHY)
    elif chosen == "withdraw":
        (last,) = feeds.query("select coalesce(max(decision_id), 1)::int from identity.decision")[0]
        stewardship.withdraw(steward, rng.randint(1, last), WHY)
    elif items:
        getattr(stewardship, "confirm" if chosen == "confirm" else "reject")(steward, rng.choice(items), WHY)


def counted(feeds: Feeds) -> dict[str, int]:
    """Questions by kind, as the figures of the last run have them."""
    return dict(
        feeds.query(
            """select case item when 'scored' then 'uncertain_pair' else item end, n from audit.linkage_quality
               where run_id = (select max(run_id) from identity.linkage_run) and figure in ('uncertain_pairs', 'conflicts')
                   and item <> 'steward_different'"""
        )
    )


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_is_obeyed(feeds: Feeds, steward, seed: int) -> None:
    rng = random.Random(seed)
    near = SMITH | LEEDS | {"dob": "1980-05-18"}
    feeds.deliver(
        "police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS), police("P2", pncid=BOB, **near), police("P3", **SMITH, **LEEDS)]
    )
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **near), hub("H2", **near), hub("H3", forenames="Peter", surname="Smith")])
    feeds.deliver("dip", 1, [dip(f"D{number}", pncid=ANN, dob="1980-05-17") for number in (1, 2, 3)])
    feeds.link()
    written = refused = 0
    for _ in range(14):
        before = feeds.query(STANDING)
        try:
            act(rng, feeds, steward)
            written += feeds.query(STANDING) != before
        except IomError:
            refused += 1
            assert feeds.query(STANDING) == before
        feeds.link()
        assert counted(feeds) == Counter(item.kind for item in stewardship.queue(steward) if item.kind != "large_person")
        keys = feeds.keys()
        for kind, *records in feeds.query(STANDING):
            one, other = record_of(*records[:2]), record_of(*records[2:])
            assert (keys[one] == keys[other]) == (kind == "same"), (kind, one, other)
    assert written > 3 and refused > 0

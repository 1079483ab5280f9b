"""Random people: the same in one go or in many increments, and as an independent clustering of the scored pairs finds them."""

import random
from itertools import pairwise

import check_letters_again as again
import pytest
from feeds_of_people import FILES, KEYS, Feeds, Record, Row, record_of, with_thresholds
from one_edge_after_another import Pair
from one_edge_after_another import people as people_of

from iom_warehouse.linkage import model, records

FORENAMES = ["John", "Jack", "Peter", "Pete", "David", "John David", "Ann", "Mary", "Michael"]
SURNAMES = ["Smith", "Smyth", "Jones", "Kelly", "Smith-Jones", "Quillfeather"]
COLUMNS = {
    "police": ("pncid", "cro_number"),
    "probation": ("pncid", "prison_number"),
    "prison": ("pncid", "cro_number"),
    "hub": ("pncid", "prison_number", "crn"),
}
Night = dict[str, list[Row]]

pytestmark = pytest.mark.usefixtures("every_run_is_checked")


def random_night(rng: random.Random, size: int) -> Night:
    """Records of four feeds about `size` people who resemble each other, with slips, gaps and numbers of somebody else."""
    people = [
        {
            "forenames": rng.choice(FORENAMES),
            "surname": rng.choice(SURNAMES),
            "dob": f"{rng.choice((1980, 1981, 1995))}-0{rng.randrange(1, 4)}-1{rng.randrange(3)}",
            "sex": "M",
            "postcode": f"LS{rng.randrange(1, 4)} 2AB",
            "pncid": again.pnc(1992, number),
            "cro_number": again.cro(1990, number),
            "prison_number": f"A{number:04}BC",
            "crn": f"X{number:06}",
        }
        for number in range(size)
    ]
    for one, twin in pairwise(people):
        if rng.random() < 0.4:
            twin |= {name: one[name] for name in ("surname", "dob", *(["postcode"] if rng.random() < 0.5 else []))}
    night: Night = {}
    for feed, identifiers in COLUMNS.items():
        columns = ("forenames", "surname", "dob", "sex", *identifiers, *(() if feed == "prison" else ("postcode",)))
        rows = {}
        for number, person in enumerate(people):
            row = {name: rng.choice(people)[name] if rng.random() < 0.08 else person[name] for name in columns}
            row = {name: value for name, value in row.items() if rng.random() < 0.75}
            if "forenames" in row and rng.random() < 0.2:
                row["forenames"] = row["forenames"][0]  # like whoever begins so, one of two twins or both
            key = {"probation": person["crn"], "prison": person["prison_number"]}.get(feed, f"{feed}{number}")
            rows[key] = row | {KEYS[feed]: key}
        night[feed] = list(rows.values())
    return night


def random_nights(rng: random.Random, number: int, size: int) -> list[Night]:
    """Nights in each of which a few records have other content than before and a few are away, some of them only for a while."""
    nights = []
    held = random_night(rng, size)
    for _ in range(number):
        drawn = random_night(rng, size)
        held = {
            feed: [new if rng.random() < 0.15 else old for old, new in zip(held[feed], drawn[feed], strict=True)] for feed in held
        }
        nights.append({feed: [row for row in rows if rng.random() < 0.85] for feed, rows in held.items()})
    return nights


def random_clients(rng: random.Random, night: Night) -> list[Row]:
    """Clients of a drug service, most with consent, who give an identifier or two of people of the hub, of nobody else, or of
    somebody in prison of whom nothing else is known; not always the same two."""
    clients = []
    for number, person in enumerate(night["hub"]):
        given = {name: person.get(name) for name in ("pncid", "prison_number", "dob") if rng.random() < 0.7}
        if rng.random() < 0.3:
            stranger = rng.randrange(4)
            given = {"dob": "1970-02-03", "pncid": again.pnc(1991, rng.randrange(2)), "prison_number": f"B{stranger:04}BC"}
            given.pop(rng.choice(("pncid", "prison_number", "none")), None)
        consents = rng.random() < 0.8
        clients.append({"client_ref": f"D{number}", "consent_to_share": consents, "consent_on": "2013-01-01", **given})
    return clients


def random_decisions(rng: random.Random, feeds: Feeds) -> list[tuple[str, str, str]]:
    """A steward's word about some records, no clients': two of different people are the same, two of one person are not. Each
    record is in one pair at most, and no pair has two PNCs."""
    pncs = dict(feeds.query("select source_key, pnc from identity.usable_record where source_file <> 'dip_client'"))
    keys = {key: person for (feed, key), person in feeds.keys().items() if feed != "dip"}
    waiting = sorted(keys)
    rng.shuffle(waiting)
    found = []
    for kind in ("same", "different") * 4:
        one = waiting.pop()
        other = next(
            key
            for key in (*waiting, one)
            if (keys[key] == keys[one]) == (kind == "different") and (kind == "different" or not (pncs[one] and pncs[key]))
        )
        if other != one:
            waiting.remove(other)
            found.append((kind, one, other))
    return found


def decide(feeds: Feeds, decisions: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Write those whose two records are there; the others are given back."""
    keys = feeds.keys()
    there = {key for _, key in keys}
    for decision in decisions:
        if there.issuperset(decision[1:]):
            feeds.decide(*decision)
    return [decision for decision in decisions if not there.issuperset(decision[1:])]


def without_postcode(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "postcode"}


def deliver(feeds: Feeds, night: Night, sequence: int = 1) -> None:
    for feed, rows in night.items():
        feeds.deliver(feed, sequence, rows)


def one_by_one(feeds: Feeds) -> set[frozenset[Record]]:
    """People by the rule as it is written: one edge after another, from the scored pairs."""
    files = list(FILES.values())
    held = feeds.query(
        "select source_file, source_key, pnc from identity.usable_record where source_file <> 'dip_client'"
        ' order by array_position(%s::text[], source_file), source_key collate "C"',
        (files,),
    )
    scored = feeds.query(
        """select a.source_file, a.source_key, b.source_file, b.source_key, weight, shares_identifier, looks_like_twins,
               has_two_forenames, coalesce(levels ->> 'forename' <> 'different', false),
               coalesce(shares_identifier and levels ->> 'forename' = 'different'
                   and levels ->> 'dob' in ('different', 'ten or more years apart'), false)
           from identity.pair
           join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
           where pair.kind = 'scored'"""
    )
    distant = feeds.query(
        """select a.source_file, a.source_key, b.source_file, b.source_key, '-infinity'::float, false, true, false, false
           from identity.distant_twins
           join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b"""
    )
    unlike = feeds.query(
        """select a.source_file, a.source_key, b.source_file, b.source_key, '-infinity'::float, true, false, false, false, true
           from identity.pair
           join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
           where pair.kind = 'shared_identifier'"""
    )
    said = feeds.query(
        """select kind, a.source_file, a.source_key, b.source_file, b.source_key from identity.standing_decision
           join identity.record a using (record_id) join identity.record b on b.record_id = other_id"""
    )
    decisions = [(kind, record_of(*named[:2]), record_of(*named[2:])) for kind, *named in said]
    pairs = [Pair(record_of(*pair[:2]), record_of(*pair[2:4]), *pair[4:]) for pair in scored + distant + unlike]
    pncs = {record_of(file, key): pnc for file, key, pnc in held}
    return people_of(list(pncs), pairs, model.load().thresholds.join, pncs, decisions)


def without_clients(people: set[frozenset[Record]]) -> set[frozenset[Record]]:
    return {rest for person in people if (rest := frozenset(record for record in person if record[0] != "dip"))}


def most_pncs(feeds: Feeds) -> int:
    """How many valid PNCs the records of one person hold at most, those of clients with consent among them, unless a steward
    said that two records of the person are one's."""
    held = """
        select count(distinct pnc) from identity.usable_record join identity.link using (source_file, source_key)
        where closed_by_run is null and person_key not in (
            select person_key from identity.standing_decision join identity.held_record using (record_id) where kind = 'same')
        group by person_key order by 1 desc limit 1
    """
    return feeds.query(held)[0][0]


@pytest.fixture(autouse=True)
def thresholds_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two thresholds people stay as they were, so there the order of arrival does matter: leave no room between."""
    join = model.load().thresholds.join
    with_thresholds(monkeypatch, join=join, split=join)


@pytest.fixture(autouse=True)
def every_night_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a register of this size half of the records change in a night: look for whom they concern all the same."""
    monkeypatch.setattr(records, "FEW", 2)


@pytest.mark.parametrize("seed", range(4))
def test_people_are_those_of_one_edge_after_another(feeds: Feeds, seed: int) -> None:
    deliver(feeds, random_night(random.Random(seed), size=60))
    result = feeds.link()
    people = feeds.people()
    assert people == one_by_one(feeds)
    assert (result.records, result.people) == (240, len(people))
    assert result.conflicts == len(feeds.conflicts()) > 0, "the records must contradict each other"
    apart = {pair for _, _, pair in feeds.conflicts()}
    assert not any(pair <= person for pair in apart for person in people)
    assert max(len(person) for person in people) > 3, "the people must be worth the name"


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_does_not_matter(feeds: Feeds, seed: int) -> None:
    rng = random.Random(seed)
    night, other_night = random_night(rng, size=40), random_night(rng, size=40)
    for each in (night, other_night):
        each["dip"] = random_clients(rng, each)
        each["prison"] += [{"prison_number": "B0000BC"}, {"prison_number": "B0001BC"}]
    aliases = [
        (f"A{number}", row["police_ref"], rng.choice([*FORENAMES, None]), rng.choice(SURNAMES))
        for number, row in enumerate(rng.sample(night["police"], 8))
    ]
    feeds.deliver_aliases(1, aliases)
    deliver(feeds, night)
    feeds.link()
    to_decide = random_decisions(rng, feeds)
    assert decide(feeds, to_decide) == []
    at_once = feeds.link()
    people, conflicts = feeds.people(), feeds.conflicts()
    assert without_clients(people) == one_by_one(feeds)

    feeds.clear()
    for alias in aliases:
        feeds.deliver_aliases(rng.randint(1, 6), [alias])
    arrived: Night = {feed: [] for feed in night}
    waiting = [(feed, row) for feed in night for row in night[feed]]
    rng.shuffle(waiting)
    for sequence in range(1, 7):
        for _ in range(len(waiting) if sequence == 6 else len(waiting) // 2):  # some arrive,
            feed, row = waiting.pop()
            arrived[feed].append(row)
        if sequence < 5:  # some leave again until later, some are first delivered with other content
            feed = rng.choice(list(arrived))
            waiting += [(feed, arrived[feed].pop()) for _ in range(len(arrived[feed]) // 2)]
        # Until the last night some have other content. Not another postcode: that would be one ever seen.
        mistaken = {feed: rng.sample(other_night[feed], 5 if sequence < 6 else 0) for feed in night}
        tonight = {
            feed: [*{row[KEYS[feed]]: row for row in arrived[feed] + list(map(without_postcode, mistaken[feed]))}.values()]
            for feed in night
        }
        deliver(feeds, tonight, sequence)
        result = feeds.link()
        assert without_clients(feeds.people()) == one_by_one(feeds)
        assert most_pncs(feeds) == 1
        to_decide = decide(feeds, to_decide)
    assert to_decide == []
    result = feeds.link()
    assert feeds.people() == people
    assert any(sum(feed == "dip" for feed, _ in person) > 1 for person in people), "clients must meet"
    assert feeds.conflicts() == conflicts
    assert (result.records, result.people, result.conflicts) == (at_once.records, at_once.people, at_once.conflicts)


def test_history_keeps_what_each_run_knew(feeds: Feeds) -> None:
    rng = random.Random(1)
    known = {}
    for sequence, night in enumerate(random_nights(rng, 4, size=40), 1):
        deliver(feeds, night, sequence)
        run = feeds.link().run_id
        known[run] = feeds.keys()
    assert {run: feeds.keys(run) for run in known} == known
    for run, sequence in zip(known, range(1, 5), strict=True):
        assert feeds.keys(feeds.link(**dict.fromkeys(COLUMNS, sequence)).run_id) == known[run]


def decide_at_random(rng: random.Random, feeds: Feeds) -> None:
    """A steward's word about some who are one and some who are not; it may end with another one's."""
    people = sorted(map(sorted, feeds.people()))
    for kind, among in (("same", people), ("different", [person for person in people if len(person) > 1])):
        for person in rng.sample(among, min(3, len(among))):
            other = rng.choice(people) if kind == "same" else person
            one, another = rng.choice(person), rng.choice(other)
            if one != another:
                feeds.decide(kind, one[1], another[1])
    [(withdrawn,)] = feeds.query("select min(decision_id) from identity.decision where withdrawn_by_decision is null")
    [(last,)] = feeds.query("select max(decision_id) from identity.decision")
    feeds.query("update identity.decision set withdrawn_by_decision = %s where decision_id = %s", (last, withdrawn))


def test_past_nights_built_late_are_as_if_built_in_time(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for pairs between the two thresholds, who stay together only where it is known that they were: here there are none."""
    join = model.load().thresholds.join
    with_thresholds(monkeypatch, join=join, split=join)
    rng = random.Random(2)
    nights = random_nights(rng, 4, size=40)
    in_time, cut_offs = [], []
    for sequence, night in enumerate(nights, 1):
        deliver(feeds, night, sequence)
        feeds.link()
        in_time.append(feeds.people())
        cut_offs += feeds.query("select clock_timestamp()")[0]
        decide_at_random(rng, feeds)
    feeds.query(
        "truncate identity.link, identity.person, identity.conflict, identity.linkage_run, identity.record, identity.pair, "
        "identity.distant_twins, identity.people_alike"
    )
    feeds.link()
    today = feeds.keys()
    for sequence in (1, 2, 3):
        run = feeds.link(cut_offs[sequence - 1], **dict.fromkeys(COLUMNS, sequence)).run_id
        assert feeds.people(run) == in_time[sequence - 1]
        assert feeds.keys() == today


def test_a_night_linked_after_later_ones_is_as_if_linked_in_time(feeds: Feeds) -> None:
    nights = dict(enumerate(random_nights(random.Random(0), 4, size=60), 1))
    for sequence in (1, 2):
        deliver(feeds, nights[sequence], sequence)
        in_time = feeds.people(feeds.link().run_id)
    feeds.clear()
    for sequence, night in nights.items():
        deliver(feeds, night, sequence)
        if sequence != 2:
            feeds.link()
    today = feeds.keys()
    assert feeds.people(feeds.link(**dict.fromkeys(COLUMNS, 2)).run_id) == in_time
    assert feeds.keys() == today

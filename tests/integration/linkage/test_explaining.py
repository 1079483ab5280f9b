"""Why records are one person, in sentences that an auditor can follow and that name nobody."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from conftest import as_person
from feeds_of_people import Feeds, with_thresholds
from test_matching import ANN, BOB, LEEDS, QUILL, SMITH, dip, hub, police, prison

from iom_warehouse.linkage import explain, model
from iom_warehouse.platform.errors import IomError

REASON = "asked by the auditor"
TWIN = SMITH | LEEDS | {"forenames": "Peter"}
Told = Callable[[int], str]


@pytest.fixture
def told(feeds: Feeds, steward) -> Told:
    return lambda person_key: "\n".join(explain(steward, feeds.linker, person_key, REASON))


def test_each_record_says_with_what_it_agrees(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **SMITH, **LEEDS)])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN), dip("D2", prison_number="A1234BC")])
    feeds.link()
    words = told(feeds.keys()["police", "P1"])
    assert (
        "hub_case H1 belongs to it since " in words
        and "with police_person P1: forename: same; surname: same; birth date: same" in words
    )
    assert "Weight +" in words and " to 1 for one person." in words
    assert "dip_client D1 belongs to it" in words and "gave, with consent, a valid identifier that this person holds" in words
    next_line = {line.split()[1]: following.strip() for line, following in pairwise(words.splitlines()) if " belongs to" in line}
    assert next_line["D1"] == "with police_person P1: PNC: same"
    assert next_line["D2"] == "with prison_person A1234BC: prison number: same"
    for value in ("John", "JOHN", "Smith", "SMITH", "1980", ANN, "LS6"):
        assert value not in words
    event = "select actor, reason from audit.event where action = 'explain person' order by event_id desc limit 1"
    assert feeds.query(event) == [("sample_steward", REASON)]


def test_a_pair_that_by_the_rules_joins_nobody_is_no_reason(feeds: Feeds, told: Told) -> None:
    """P2 looks like a twin of P1: what makes the two one is that H1, who shares a number with P1, has the forename of P2."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS), police("P2", **TWIN)])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **TWIN)])
    feeds.link()
    assert len(feeds.people()) == 1
    assert feeds.query("select source_key, looks_like_twins from identity.pair join identity.record on record_id = record_b"
                       " where looks_like_twins") == [("P2", True)]
    words = told(1)
    of_p2 = words[words.index("police_person P2 belongs") :]
    assert "with hub_case H1: forename: same" in of_p2 and "with police_person P1" not in of_p2


def test_another_persons_number_is_no_reason_though_a_steward_joined_who_has_it(feeds: Feeds, told: Told) -> None:
    son = SMITH | LEEDS | {"forenames": "Kieran", "dob": "2002-09-02"}
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **son), hub("H2", pncid=ANN, **son)])
    feeds.link()
    feeds.decide("same", "P1", "H1")
    feeds.link()
    assert len(feeds.people()) == 1
    words = told(1)
    assert "ten or more years apart" not in words and "with hub_case H2: forename: same" in words


def test_who_stands_alone_and_what_was_kept_apart(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB, **SMITH, **LEEDS), hub("H2", **QUILL)])
    feeds.link()
    assert "it stands alone" in told(feeds.keys()["hub", "H2"])
    words = told(feeds.keys()["hub", "H1"])
    assert "kept apart from" in words and "two valid PNCs" in words


KEPT_APART = "others have much in common with it and were kept apart from it, as said below"
ALONE = {
    # what the record of the hub, or the client, is beside the one of the police; why it stands alone; what is said below
    "another PNC": (hub("H1", pncid=BOB, **SMITH, **LEEDS), KEPT_APART, "two valid PNCs"),
    "a twin": (hub("H1", **TWIN), KEPT_APART, "they may be twins"),
    "an identifier and nothing else": (
        hub("H1", pncid=ANN, **QUILL | {"sex": "F"}), KEPT_APART, "share a PNC): they share an identifier, and too little else"
    ),
    "a stranger": (hub("H1", **QUILL), "no other record has enough in common with it", ""),
    "no consent": (dip("H1", pncid=ANN, consent_to_share=False), "has not consented, so it is compared with nobody", ""),
    "no identifier": (dip("H1"), "gave, with consent, no valid identifier that anybody else holds", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", ALONE)
def test_why_a_record_stands_alone(feeds: Feeds, told: Told, what: str) -> None:
    row, why, below = ALONE[what]
    feed = "hub" if "case_ref" in row else "dip"
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver(feed, 1, [row])
    feeds.link()
    words = told(feeds.keys()[feed, "H1"])
    assert f"it stands alone; {'the client ' if feed == 'dip' else ''}{why}." in words
    assert below in words and words.count("it stands alone") == 1


def test_a_client_whose_number_another_one_gave_is_told_so(feeds: Feeds, told: Told) -> None:
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN, dob="1980-05-17"), dip("D2", pncid=ANN, dob="1980-05-18")])
    feeds.link()
    words = told(feeds.keys()["dip", "D1"])
    assert KEPT_APART in words and "(they share a PNC): they share an identifier, and too little else agrees," in words


def test_whom_a_steward_keeps_apart_against_the_model(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **SMITH, **LEEDS)])
    feeds.link()
    feeds.decide("different", "P1", "H1")
    feeds.link()
    words = told(feeds.keys()["hub", "H1"])
    assert KEPT_APART in words
    assert "kept apart from police_person P1: a steward said that they are two people" in words.replace(
        "hub_case H1 was ", ""
    ) or ("police_person P1 was kept apart from hub_case H1: a steward said that they are two people" in words)


def test_who_was_joined_before_by_another_weighing(feeds: Feeds, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **SMITH, **LEEDS)])
    feeds.link()
    assert "enough agrees, as the model v1 weighs it" in told(1)
    [(weight,)] = feeds.query("select weight from identity.pair")
    with_thresholds(monkeypatch, join=weight + 1, split=weight - 1)
    feeds.link()
    assert len(feeds.people()) == 1
    assert "it was joined before; as it is weighed now, what agrees neither joins nor parts it" in told(1)


def test_a_key_says_where_its_records_went(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.link()
    feeds.deliver("prison", 1, [prison("A1234BC", **SMITH)])
    feeds.link()
    before = feeds.keys()["prison", "A1234BC"]
    feeds.deliver("prison", 2, [prison("A1234BC", pncid=ANN, **SMITH)])
    feeds.link()
    words = told(before)
    assert "No record belongs to this key now." in words
    assert f"belong to person {feeds.keys()['police', 'P1']} now" in words


def test_nobody_is_told_whose_client_it_was_once_consent_is_gone(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("hub", 1, [hub("H1", **QUILL)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    feeds.link()
    person, other = feeds.keys()["police", "P1"], feeds.keys()["hub", "H1"]
    feeds.decide("different", "D1", "H1")
    assert "D1 belongs to it" in told(person) and "D1 is somebody else" in told(other)
    feeds.deliver("dip", 2, [dip("D1", pncid=ANN, consent_withdrawn_on="2024-02-01")])
    feeds.link()
    alone = feeds.keys()["dip", "D1"]
    assert alone not in (person, other) and "has not consented" in told(alone)
    for words in (told(person), told(other)):
        assert "dip" not in words and "D1" not in words and f"person {alone} " not in words
    assert "Before: police_person P1 from " in told(person)
    assert "H1" not in told(alone)
    feeds.deliver("dip", 3, [])
    feeds.link()
    assert "D1" not in told(person) + told(other)


def test_a_past_night_built_late_is_nobodys_past(feeds: Feeds, told: Told) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    feeds.link()
    feeds.deliver("police", 2, [police("P1", pncid=ANN)])
    feeds.deliver("police", 3, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    feeds.link()
    feeds.query("update identity.link set linked_from = linked_from - interval '40 days'")
    before = {key: told(key) for key in set(feeds.keys().values())}
    feeds.link(police=2)
    assert {key: told(key) for key in before} == before
    assert not any("Before:" in words for words in before.values())


def test_what_a_past_night_linked_anew_and_stays_so_is_told(
    feeds: Feeds, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is another by then, so that the past night writes evidence anew which holds today as well."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("police", 2, [police("P1", pncid=ANN), police("P9")])
    feeds.deliver("police", 3, [police("P1", pncid=ANN), police("P9"), police("P10")])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN)])
    feeds.link()
    shipped = model.load()
    monkeypatch.setattr(model, "load", lambda: replace(shipped, version="v2"))
    feeds.link(police=2, hub=1)
    words = told(feeds.keys()["police", "P1"])
    assert "police_person P1 belongs to it" in words and "hub_case H1 belongs to it" in words


def test_a_key_that_nobody_has(feeds: Feeds, told: Told) -> None:
    with pytest.raises(IomError, match="Nobody has the person_key 99"):
        told(99)


def test_only_stewards_and_auditors_may_ask(feeds: Feeds, logins: None) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.link()
    with as_person("sample_analyst") as analyst, pytest.raises(IomError, match="neither a steward nor an auditor"):
        list(explain(analyst, feeds.linker, 1, REASON))
    with as_person("sample_auditor") as auditor:
        assert list(explain(auditor, feeds.linker, 1, REASON))

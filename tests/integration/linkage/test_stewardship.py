"""What waits for a steward, the logged look, and decisions: written whole or not at all, obeyed, withdrawn, never overturned."""

import logging
import signal
import subprocess
import sys
from dataclasses import replace

import check_letters_again as again
import deciding
import psycopg2
import pytest
from conftest import as_person
from feeds_of_people import Feeds
from test_matching import ANN, ANN_CRO, BOB, BOB_CRO, LEEDS, QUILL, SMITH, dip, hub, police, prison, probation
from test_runs import wait_for, waiting_for

from iom_warehouse.linkage import explain, model, stewardship
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

STEWARD = "sample_steward"
WHY = "looked at both files"
TWIN = SMITH | LEEDS | {"forenames": "Peter"}
SECRETS = ("John", "JOHN", "Smith", "SMITH", "PETER", "1980", "LS6", ANN, BOB, ANN_CRO)
CONFIRM = """
from iom_warehouse.linkage import stewardship
from iom_warehouse.platform import database, secrets
with database.session_of_person("sample_steward", secrets.read("people/sample_steward")) as steward:
    stewardship.confirm(steward, "1-2", "looked at both files")
"""


@pytest.fixture
def two_pncs(feeds: Feeds) -> Feeds:
    """Person 1 and person 2 are alike in all but the PNC."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB, **SMITH, **LEEDS)])
    feeds.link()
    return feeds


@pytest.fixture
def three(feeds: Feeds) -> Feeds:
    """Three people who have nothing in common: 1, 2 and 3 of the records P1, P2 and P3."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=BOB, **QUILL), police("P3")])
    feeds.link()
    return feeds


def waiting(connection: database.Connection) -> dict[str, str]:
    return {item.item: item.kind for item in stewardship.queue(connection)}


def decisions(feeds: Feeds) -> list[tuple]:
    """What stands: kind and the two keys."""
    return feeds.query(
        "select kind, source_key, other_source_key from identity.decision"
        " where withdrawn_by_decision is null and kind <> 'undecided' order by decision_id"
    )


def last_events(feeds: Feeds, number: int) -> list[tuple]:
    rows = feeds.query("select actor, action, subject, reason from audit.event order by event_id desc limit %s", (number,))
    assert feeds.query("select audit.first_broken_event()") == [(None,)]
    return rows[::-1]


# --- the queue


QUESTIONS = {
    "two_pncs": {"police": [police("P1", pncid=ANN, **SMITH, **LEEDS)], "hub": [hub("H1", pncid=BOB, **SMITH, **LEEDS)]},
    "suspected_twins": {"police": [police("P1", **SMITH, **LEEDS), police("P2", **TWIN)]},
    "identifier_contradicted": {
        "police": [police("P1", cro_number=ANN_CRO, **SMITH)],
        "prison": [prison("A1234BC", cro_number=ANN_CRO, **QUILL)],
    },
    "dip_contradicted": {
        "police": [police("P1", pncid=ANN, **SMITH)],
        "dip": [dip("D1", pncid=ANN, forename_initial="K", surname_initial="O", dob="1960-02-03")],
    },
    "dip_candidate": {
        "police": [police("P1", **SMITH, **LEEDS)],
        "dip": [dip("D1", forename_initial="J", surname_initial="S", dob="1980-05-17", sex="M", postcode_sector="LS6 2")],
    },
    "uncertain_pair": {
        "police": [police("P1", **SMITH, **LEEDS)],
        "hub": [hub("H1", **SMITH | LEEDS | {"dob": "1980-05-18"})],
    },
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_each_question_waits_until_its_evidence_goes(feeds: Feeds, steward, kind: str) -> None:
    given = QUESTIONS[kind]
    for feed, rows in given.items():
        feeds.deliver(feed, 1, rows)
    feeds.link()
    (item,) = stewardship.queue(steward)
    assert (item.item, item.kind, item.records, item.choices) == ("1-2", kind, 2, ("confirm", "reject"))
    assert (item.weight is None) == kind.startswith("dip") or kind == "identifier_contradicted"
    assert waiting(feeds.linker) == {"1-2": kind}

    feed = list(given)[-1]
    feeds.deliver(feed, 2, given[feed][:-1])
    feeds.link()
    assert waiting(steward) == {}


def test_a_client_whose_identifier_two_people_hold_waits_with_each_of_them(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    feeds.link()
    assert waiting(steward) == {"1-2": "identifier_contradicted", "1-3": "dip_ambiguous", "2-3": "dip_ambiguous"}


def test_clients_with_one_identifier_and_two_birth_dates_wait(feeds: Feeds, steward) -> None:
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN, dob="1980-05-17"), dip("D2", pncid=ANN, dob="1981-05-17")])
    feeds.link()
    assert waiting(steward) == {"1-2": "identifier_contradicted"}


def test_a_client_who_belongs_to_somebody_is_nobody_elses_candidate(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS), police("P2", pncid=ANN, **QUILL)])
    like_smith = {"forename_initial": "J", "surname_initial": "S", "dob": "1980-05-17", "sex": "M", "postcode_sector": "LS6 2"}
    feeds.deliver("dip", 1, [dip("D1", **like_smith)])
    feeds.link()
    assert waiting(steward) == {"1-3": "dip_candidate"}
    deciding.merge(steward, 2, 3, WHY)
    feeds.link()
    assert waiting(steward) == {}


def test_two_people_are_one_question_of_their_strongest_evidence(feeds: Feeds, steward) -> None:
    same = {**SMITH, **LEEDS}
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **same), police("P2", pncid=BOB, **same)])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **same), hub("H2", pncid=BOB, **same)])
    feeds.link()
    (item,) = stewardship.queue(steward)
    assert (item.kind, item.records) == ("two_pncs", 4)
    assert feeds.query("select count(*) from identity.pair") == [(6,)]


def test_a_person_of_many_records_waits_until_all_are_confirmed(feeds: Feeds, steward) -> None:
    rows = [police(f"P{number:02}", pncid=ANN, **SMITH) for number in range(11)]
    feeds.deliver("police", 1, rows[:10])
    feeds.link()
    assert waiting(steward) == {}
    feeds.deliver("police", 2, rows)
    feeds.link()
    (item,) = stewardship.queue(steward)
    assert (item.item, item.kind, item.records, item.choices) == ("1", "large_person", 11, ("confirm", "split"))
    with pytest.raises(IomError, match="does not say which"):
        deciding.reject(steward, "1", WHY)
    deciding.confirm(steward, "1", WHY)
    assert waiting(steward) == {}
    assert len(decisions(feeds)) == 10
    feeds.deliver("police", 3, [*rows, police("P11", pncid=ANN, **SMITH)])
    feeds.link()
    assert waiting(steward) == {"1": "large_person"}, "a record came that nobody looked at"


def test_a_person_of_two_numbers_of_a_kind_waits_until_who_has_them_is_confirmed(feeds: Feeds, steward) -> None:
    rows = [police(ref, pncid=ANN, cro_number=cro) for ref, cro in {"P1": ANN_CRO, "P2": BOB_CRO, "P3": None}.items()]
    feeds.deliver("police", 1, rows)
    feeds.link()
    (item,) = stewardship.queue(steward)
    assert (item.item, item.kind, item.records, item.choices) == ("1", "several_identifiers", 3, ("confirm", "split"))
    assert item.question == "one person with more than one valid number of a kind (CRO number)"
    deciding.confirm(steward, "1", WHY)
    feeds.link()
    assert waiting(steward) == {}
    feeds.deliver("police", 2, [*rows, police("P4", pncid=ANN)])
    feeds.link()
    assert waiting(steward) == {}, "it has no such number"
    feeds.deliver("police", 3, [*rows, police("P4", pncid=ANN, cro_number=again.cro(2001, 7))])
    feeds.link()
    assert waiting(steward) == {"1": "several_identifiers"}
    deciding.split(steward, 1, feeds.numbers("P4"), WHY)
    feeds.link()
    assert waiting(steward) == {}


@pytest.mark.parametrize(
    ("feed", "rows"),
    [
        ("probation", [probation("X123456", pncid=ANN), probation("X654321", pncid=ANN)]),
        ("prison", [prison("A1234BC", pncid=ANN), prison("A4321BC", pncid=ANN)]),
    ],
)
def test_two_keys_of_a_feed_that_are_numbers_wait_too(feeds: Feeds, steward, feed: str, rows: list) -> None:
    feeds.deliver(feed, 1, rows)
    feeds.link()
    assert waiting(steward) == {"1": "several_identifiers"}
    feeds.deliver(feed, 2, rows[:1])
    feeds.link()
    assert waiting(steward) == {}


def test_a_question_keeps_its_age_while_its_records_stay_as_they_are(two_pncs: Feeds, steward) -> None:
    (before,) = stewardship.queue(steward)
    two_pncs.deliver("prison", 1, [prison("A1234BC", **QUILL)])
    two_pncs.link()
    assert stewardship.queue(steward) == [before]
    assert before.since.date() == two_pncs.query("select current_date")[0][0]


def test_a_kind_that_is_not_there(steward) -> None:
    with pytest.raises(IomError, match="no kind 'twins'") as error:
        stewardship.queue(steward, "twins")
    assert "suspected_twins" in error.value.next_step


# --- looks


def test_a_look_reads_its_people_by_their_indexes(two_pncs: Feeds) -> None:
    two_pncs.query("set enable_seqscan = off")
    one_question = "select * from identity.stewardship_items(array[1, 2]) where item = '1-2'"
    plan = "\n".join(line for (line,) in two_pncs.query(f"explain {one_question}"))
    assert "Index Cond: (person_key = ANY ('{1,2}'::bigint[]))" in plan, plan
    for table in ("link", "record", "pair", "conflict"):
        assert f"Seq Scan on {table}" not in plan, plan


def test_a_look_shows_the_records_and_is_written_down_before(two_pncs: Feeds, steward) -> None:
    one, other = stewardship.look(steward, "1-2", WHY)
    assert (one.name, one.surname, one.pnc, other.name, other.pnc) == ("police_person P1", "SMITH", ANN, "hub_case H1", BOB)
    assert one.is_compared and other.is_compared
    assert last_events(two_pncs, 1) == [(STEWARD, "look at evidence", "person 1 and 2", WHY)]


def test_no_record_before_the_event_is_committed(two_pncs: Feeds, steward) -> None:
    with steward.cursor() as cursor:
        cursor.execute("select access.request_evidence('1-2', %s)", (WHY,))
        (token,) = cursor.fetchone()
        with pytest.raises(psycopg2.errors.RaiseException, match="not committed"):
            cursor.execute("select * from access.take_evidence(%s)", (token,))
    steward.rollback()
    with pytest.raises(psycopg2.errors.RaiseException, match="no look was asked for"), steward.cursor() as cursor:
        cursor.execute("select * from access.take_evidence(%s)", (token,))
    steward.rollback()


def test_anybody_may_be_looked_at_by_the_key(three: Feeds, steward) -> None:
    assert [record.name for record in stewardship.look(steward, "2", WHY)] == ["police_person P2"]
    assert not any(record.is_compared for record in stewardship.look(steward, "1-3", WHY))


@pytest.mark.parametrize(
    ("item", "reason", "told"),
    [
        ("1-9", WHY, "No record belongs to person 9 now"),
        ("1-1", WHY, "one person already"),
        ("one", WHY, "An item is the key of a person"),
        ("1-2", "why", "A look needs its reason"),
    ],
)
def test_a_look_that_cannot_be_says_why(three: Feeds, steward, item: str, reason: str, told: str) -> None:
    before = three.query("select count(*) from audit.event")
    with pytest.raises(IomError, match=told) as error:
        stewardship.look(steward, item, reason)
    assert error.value.next_step
    assert three.query("select count(*) from audit.event") == before


@pytest.mark.parametrize("login", ["sample_analyst", "sample_practitioner", "sample_commissioner", "sample_auditor"])
def test_only_stewards_see_and_decide(two_pncs: Feeds, logins, login: str) -> None:
    with as_person(login) as person:
        for act in (stewardship.queue, lambda c: stewardship.look(c, "1-2", WHY), lambda c: stewardship.confirm(c, "1-2", WHY)):
            with pytest.raises(IomError, match=f"{login} is no steward"):
                act(person)
    assert decisions(two_pncs) == []


# --- decisions


def beside(feeds: Feeds, rows: list) -> None:
    """A night on which the hub delivers these beside what the police has."""
    [(last,)] = feeds.query("select max(sequence) from audit.delivery where feed = 'hub'")
    feeds.deliver("hub", last + 1, rows)
    feeds.link()


HUBS = hub("H1", pncid=BOB, **SMITH, **LEEDS)
SINCE_THE_LOOK = {
    "a record came": [HUBS, hub("H2", pncid=BOB, **SMITH)],
    "a record is another": [HUBS | {"forenames": "John Paul"}],
}
OF_TWO = {
    "confirm": lambda steward: stewardship.confirm(steward, "1-2", WHY),
    "reject": lambda steward: stewardship.reject(steward, "1-2", WHY),
    "merge": lambda steward: stewardship.merge(steward, 2, 1, WHY),
}


@pytest.mark.parametrize("act", OF_TWO)
@pytest.mark.parametrize("what", SINCE_THE_LOOK)
def test_nothing_is_decided_of_what_came_after_the_look(two_pncs: Feeds, steward, act: str, what: str) -> None:
    with pytest.raises(IomError, match="You have not looked at person 1 and 2") as error:
        OF_TWO[act](steward)
    assert "iom people show 1-2" in error.value.next_step
    stewardship.look(steward, "1-2", WHY)
    beside(two_pncs, SINCE_THE_LOOK[what])
    with pytest.raises(IomError, match="What there is of person 1 and 2 has changed since you looked") as error:
        OF_TWO[act](steward)
    assert "iom people show 1-2" in error.value.next_step
    assert decisions(two_pncs) == []
    stewardship.look(steward, "2-1", WHY)
    OF_TWO[act](steward)
    assert decisions(two_pncs)


@pytest.mark.parametrize("act", OF_TWO)
def test_nights_that_change_nothing_of_what_was_seen_leave_the_look_good(two_pncs: Feeds, steward, act: str) -> None:
    stewardship.look(steward, "1-2", WHY)
    beside(two_pncs, [HUBS, hub("H7", **QUILL)])
    two_pncs.link(in_full=True)
    OF_TWO[act](steward)
    assert decisions(two_pncs)


def test_a_question_that_is_weighed_otherwise_since_the_look_is_another(
    two_pncs: Feeds, steward, monkeypatch: pytest.MonkeyPatch
) -> None:
    stewardship.look(steward, "1-2", WHY)
    shipped = model.load()
    bolder = replace(shipped, version="v2", settings=shipped.settings | {"probability_two_random_records_match": 1e-3})
    monkeypatch.setattr(model, "load", lambda: bolder)
    two_pncs.link()
    for act in ("confirm", "reject"):
        with pytest.raises(IomError, match="has changed since you looked"):
            OF_TWO[act](steward)
    OF_TWO["merge"](steward)  # is of all records, which are as they were


def test_records_are_taken_out_of_a_person_as_it_was_seen(feeds: Feeds, steward) -> None:
    rows = [police(ref, pncid=ANN, **SMITH) for ref in ("P1", "P2", "P3")]
    feeds.deliver("police", 1, rows[:2])
    feeds.link()
    number = feeds.numbers("P2")
    with pytest.raises(IomError, match="You have not looked at person 1"):
        stewardship.split(steward, 1, number, WHY)
    stewardship.look(steward, "1", WHY)
    feeds.deliver("police", 2, rows)
    feeds.link()
    with pytest.raises(IomError, match="What there is of person 1 has changed"):
        stewardship.split(steward, 1, number, WHY)
    deciding.split(steward, 1, number, WHY)


def test_a_colleagues_look_is_not_ones_own(two_pncs: Feeds, steward) -> None:
    stewardship.look(steward, "1-2", WHY)
    two_pncs.query("update access.look_request set login = 'sample_steward_2'")
    with pytest.raises(IomError, match="You have not looked at person 1 and 2"):
        stewardship.confirm(steward, "1-2", WHY)


def test_only_a_steward_joins_two_pncs(two_pncs: Feeds, steward) -> None:
    deciding.confirm(steward, "1-2", WHY)
    assert waiting(steward) == {}, "decided, though the linkage has yet to run"
    assert two_pncs.query("select decided_by, reason from identity.decision") == [(STEWARD, WHY)]
    assert last_events(two_pncs, 1) == [(STEWARD, "decide same", "person 1 and 2", WHY)]
    run = two_pncs.link()
    assert two_pncs.keys() == {("police", "P1"): 1, ("hub", "H1"): 1}, "the smaller key stays"
    assert (run.conflicts, waiting(steward)) == (0, {})


def test_who_was_rejected_stays_apart_in_every_record(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS), police("P2", **TWIN)])
    feeds.deliver("hub", 1, [hub("H2", **TWIN)])
    feeds.link()
    assert waiting(steward) == {"1-2": "suspected_twins"}
    deciding.reject(steward, "1-2", WHY)
    feeds.link()
    assert decisions(feeds) == [("different", "P1", "P2"), ("different", "P1", "H2")]
    assert waiting(steward) == {}
    assert last_events(feeds, 1) == [(STEWARD, "decide different", "person 1 and 2", WHY)]
    # new evidence that would join them does not
    same = {"pncid": ANN, **SMITH, **LEEDS}
    feeds.deliver("police", 2, [police("P1", **same), police("P2", **same)])
    feeds.deliver("hub", 2, [hub("H2", **same)])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1")}), frozenset({("police", "P2"), ("hub", "H2")})}
    assert waiting(steward) == {}


def test_merge_needs_no_question(three: Feeds, steward) -> None:
    deciding.merge(steward, 3, 1, WHY)
    three.link()
    assert three.keys() == {("police", "P1"): 1, ("police", "P3"): 1, ("police", "P2"): 2}
    assert last_events(three, 1) == [(STEWARD, "decide same", "person 1 and 3", WHY)]


def test_merge_keeps_what_belongs_to_each_of_the_two_and_lasts_when_a_client_takes_consent_back(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **QUILL)])
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB, **SMITH)])
    feeds.deliver("dip", 1, [dip("D1", pncid=BOB)])
    feeds.link()
    keys = feeds.keys()
    assert keys["police", "P1"] != keys["hub", "H1"] == keys["dip", "D1"]
    deciding.merge(steward, keys["police", "P1"], keys["hub", "H1"], WHY)
    feeds.link()
    assert len(feeds.people()) == 1
    feeds.deliver("dip", 2, [dip("D1", pncid=BOB, consent_withdrawn_on="2013-10-01")])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("hub", "H1")}), frozenset({("dip", "D1")})}


def test_merge_outlives_each_record_of_the_two(feeds: Feeds, steward) -> None:
    rows = [police(ref, pncid=ANN, **QUILL) for ref in ("P1", "P2")]
    cases = [hub(ref, pncid=ANN_CRO, **SMITH, **LEEDS) for ref in ("H1", "H2")]
    feeds.deliver("police", 1, rows)
    feeds.deliver("hub", 1, cases)
    feeds.link()
    assert set(feeds.keys().values()) == {1, 2}
    deciding.merge(steward, 1, 2, WHY)
    assert len(decisions(feeds)) == 4
    for sequence, (kept, kept_case) in enumerate([(1, 1), (0, 1), (1, 0), (0, 0)], 2):
        feeds.deliver("police", sequence, [rows[kept]])
        feeds.deliver("hub", sequence, [cases[kept_case]])
        feeds.link()
        assert len(feeds.people()) == 1


def test_merge_with_a_person_of_clients_alone_takes_each_of_them(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **QUILL)])
    given = {"D1": {"pncid": BOB}, "D2": {"prison_number": "A1234BC"}, "D3": {"pncid": BOB, "prison_number": "A1234BC"}}
    feeds.deliver("dip", 1, [dip(ref, **numbers) for ref, numbers in given.items()])
    feeds.link()
    assert set(feeds.keys().values()) == {1, 2}
    deciding.merge(steward, 1, 2, WHY)
    feeds.link()
    assert set(feeds.keys().values()) == {1}
    feeds.deliver("dip", 2, [dip("D1", pncid=BOB), dip("D2", prison_number="A1234BC")])
    feeds.link()
    assert set(feeds.keys().values()) == {1}, "each was merged, not through the third"


@pytest.mark.parametrize("act", ["merge", "confirm"])
@pytest.mark.parametrize(
    "given",
    [
        {"police": [police("P1", pncid=ANN, cro_number=ANN_CRO)], "hub": [hub("H1", pncid=BOB, prison_number="A1234BC")]},
        {"dip": [dip("D1", pncid=ANN, prison_number="A1234BC"), dip("D2", pncid=BOB, prison_number="A1234BC")]},
    ],
    ids=["records", "clients"],
)
def test_two_pncs_that_a_steward_joins_stay_with_whoever_had_either(feeds: Feeds, steward, given: dict, act: str) -> None:
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])  # has no PNC, and is the first record of its person
    feeds.link()
    for feed, rows in given.items():
        feeds.deliver(feed, 1, rows)
    feeds.link()
    assert waiting(steward) == {"1-2": "two_pncs"}
    if act == "merge":
        deciding.merge(steward, 1, 2, WHY)
    else:
        deciding.confirm(steward, "1-2", WHY)
    feeds.link()
    assert (set(feeds.keys().values()), waiting(steward)) == ({1}, {})


def test_whoever_else_has_a_pnc_comes_along_when_an_uncertain_pair_is_confirmed(feeds: Feeds, steward) -> None:
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    unsure = hub("H2", pncid=BOB, **SMITH | LEEDS | {"dob": "1980-05-18"})
    feeds.deliver("hub", 1, [hub("H1", prison_number="A1234BC", **SMITH, **LEEDS), unsure])
    feeds.link()
    assert waiting(steward) == {"1-2": "uncertain_pair"}
    deciding.confirm(steward, "1-2", WHY)
    feeds.link()
    assert (set(feeds.keys().values()), waiting(steward)) == ({1}, {})


def test_a_large_person_stays_confirmed_when_a_client_takes_consent_back(feeds: Feeds, steward) -> None:
    feeds.deliver("hub", 1, [hub(f"H{number:02}", pncid=ANN, **SMITH, **LEEDS) for number in range(11)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    feeds.link()
    assert waiting(steward) == {"1": "large_person"}
    deciding.confirm(steward, "1", WHY)
    feeds.deliver("dip", 2, [])
    feeds.link()
    assert waiting(steward) == {}


def test_who_gave_an_identifier_goes_with_the_client_of_whom_a_steward_decides(feeds: Feeds, steward) -> None:
    born = {"dob": SMITH["dob"]}
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB, **SMITH)])
    feeds.deliver("dip", 1, [dip("D1", pncid=BOB, prison_number="A1234BC", **born), dip("D2", prison_number="A1234BC", **born)])
    feeds.link()
    (item,) = stewardship.queue(steward)
    assert (item.kind, feeds.keys()["hub", "H1"]) == ("identifier_contradicted", feeds.keys()["dip", "D1"])
    deciding.confirm(steward, item.item, WHY)
    feeds.link()
    assert len(feeds.people()) == 1, "the client does not leave the hub's person for the other client"


def test_clients_of_one_identifier_go_together_with_whom_a_steward_confirms(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS)])
    like_smith = {"forename_initial": "J", "surname_initial": "S", "dob": "1980-05-17", "sex": "M", "postcode_sector": "LS6 2"}
    others = {"D2": {"dob": "1980-05-17"}, "D3": {"dob": "1981-05-17"}}
    clients = [dip("D1", pncid=ANN, **like_smith), *(dip(ref, pncid=ANN, **columns) for ref, columns in others.items())]
    feeds.deliver("dip", 1, clients)
    feeds.link()
    assert waiting(steward) == {"1-2": "dip_candidate", "2-3": "identifier_contradicted"}
    deciding.confirm(steward, "1-2", WHY)
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("dip", "D1"), ("dip", "D2")}), frozenset({("dip", "D3")})}
    assert waiting(steward) == {"1-3": "identifier_contradicted"}


def test_split_takes_records_out_and_nothing_joins_them_again(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police(ref, pncid=ANN, **SMITH, **LEEDS) for ref in ("P1", "P2", "P3", "P4")])
    feeds.link()
    assert set(feeds.keys().values()) == {1}
    number = deciding.split(steward, 1, feeds.numbers("P3", "P4"), WHY)
    feeds.link()
    together = {frozenset({("police", "P1"), ("police", "P2")}), frozenset({("police", "P3"), ("police", "P4")})}
    assert feeds.people() == together
    assert feeds.keys()["police", "P1"] == 1
    assert sorted(decisions(feeds)) == [("different", one, other) for one in ("P3", "P4") for other in ("P1", "P2")]
    words = "\n".join(explain(steward, feeds.linker, 1, WHY))
    assert f"Decision {number} of {STEWARD} on " in words and "police_person P3, police_person P4 is somebody else" in words


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([99], "Not all of these are records of person 1"),
        ([], "Not all of these are records of person 1"),
        ([1], "These are all records of person 1"),
    ],
)
def test_split_of_what_is_not_there(three: Feeds, steward, records: list[int], told: str) -> None:
    with pytest.raises(IomError, match=told):
        deciding.split(steward, 1, records, WHY)
    assert decisions(three) == []


def test_what_contradicts_a_decision_is_refused_before_anything_is_written(three: Feeds, steward) -> None:
    deciding.merge(steward, 1, 2, WHY)
    three.link()  # 1 is P1 and P2 now
    deciding.merge(steward, 1, 3, WHY)
    stewardship.look(steward, "1", WHY)
    before = three.query("select count(*) from audit.event"), decisions(three)
    with pytest.raises(IomError, match=f"contradicts decision 1 of {STEWARD}") as error:
        stewardship.split(steward, 1, three.numbers("P2"), WHY)
    assert "Withdraw that decision first" in error.value.next_step
    assert (three.query("select count(*) from audit.event"), decisions(three)) == before


def test_a_chain_of_merges_cannot_join_whom_a_steward_kept_apart(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH, **LEEDS), police("P2", **TWIN)])
    feeds.deliver("hub", 1, [hub("H1", **QUILL)])
    feeds.link()
    deciding.reject(steward, "1-2", WHY)
    deciding.merge(steward, 1, 3, WHY)
    with pytest.raises(IomError, match="contradicts decision 1"):
        deciding.merge(steward, 3, 2, WHY)
    feeds.link()
    with pytest.raises(IomError, match="contradicts decision 1"):
        deciding.merge(steward, 1, 2, WHY)
    assert decisions(feeds) == [("different", "P1", "P2"), ("same", "P1", "H1")]


def test_what_contradicts_decisions_over_a_record_that_is_away_is_refused(feeds: Feeds, steward) -> None:
    rows = [police("P1", **SMITH, **LEEDS), police("P2", **QUILL), police("P3", **TWIN)]
    feeds.deliver("police", 1, rows)
    feeds.link()
    feeds.decide("same", "P1", "P2")
    feeds.decide("same", "P2", "P3")
    feeds.link()
    assert len(feeds.people()) == 1
    feeds.deliver("police", 2, [rows[0], rows[2]])
    feeds.link()
    assert len(feeds.people()) == 2
    [question] = stewardship.queue(steward)
    with pytest.raises(IomError, match="contradicts decision 1 of sam, 2 of sam"):
        deciding.reject(steward, question.item, WHY)
    feeds.deliver("police", 3, rows)
    feeds.link()
    assert len(feeds.people()) == 1


def test_what_two_acts_say_stands_while_either_does(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police(ref, pncid=ANN, **SMITH, **LEEDS) for ref in ("P1", "P2", "P3")])
    feeds.link()
    first = deciding.split(steward, 1, feeds.numbers("P3"), WHY)  # from P1 and from P2
    second = deciding.split(steward, 1, feeds.numbers("P1"), WHY)  # from P2 and again from P3
    assert len(decisions(feeds)) == 4
    stewardship.withdraw(steward, first, WHY)
    feeds.link()
    assert {frozenset({"P1"}), frozenset({"P2", "P3"})} == {frozenset(key for _, key in person) for person in feeds.people()}
    stewardship.withdraw(steward, second, WHY)
    feeds.link()
    assert len(feeds.people()) == 1


def test_the_same_again_is_refused(two_pncs: Feeds, steward) -> None:
    deciding.confirm(steward, "1-2", WHY)
    with pytest.raises(IomError, match="not in the queue"):
        deciding.confirm(steward, "1-2", WHY)
    with pytest.raises(IomError, match="decided already"):
        deciding.merge(steward, 1, 2, WHY)


def test_a_decision_is_withdrawn_by_another_and_never_deleted(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police(ref, pncid=ANN, **SMITH, **LEEDS) for ref in ("P1", "P2", "P3")])
    feeds.link()
    number = deciding.split(steward, 1, feeds.numbers("P3"), WHY)
    feeds.link()
    assert len(feeds.people()) == 2
    stewardship.withdraw(steward, number + 1, "the photograph was another's")
    assert decisions(feeds) == []
    assert last_events(feeds, 1) == [(STEWARD, "withdraw decision", f"decision {number + 1}", "the photograph was another's")]
    kept = feeds.query("select kind, decided_by, withdrawn_by_decision from identity.decision order by decision_id")
    assert kept == [
        ("different", STEWARD, 3), ("different", STEWARD, 4), ("undecided", STEWARD, None), ("undecided", STEWARD, None),
    ]  # fmt: skip
    feeds.link()
    assert set(feeds.keys().values()) == {1}
    with pytest.raises(IomError, match="No decision 1 stands"):
        stewardship.withdraw(steward, number, WHY)


def test_a_question_comes_back_when_its_decision_is_withdrawn(two_pncs: Feeds, steward) -> None:
    number = deciding.reject(steward, "1-2", WHY)
    two_pncs.link()
    assert waiting(steward) == {}
    stewardship.withdraw(steward, number, WHY)
    two_pncs.link()
    assert waiting(steward) == {"1-2": "two_pncs"}


def test_another_model_does_not_overturn_a_decision(two_pncs: Feeds, steward, monkeypatch: pytest.MonkeyPatch) -> None:
    two_pncs.deliver("police", 2, [police("P1", pncid=ANN, **SMITH, **LEEDS), police("P2", pncid=ANN, **SMITH, **LEEDS)])
    two_pncs.link()
    deciding.split(steward, 1, two_pncs.numbers("P2"), WHY)
    two_pncs.link()
    deciding.confirm(steward, "1-2", WHY)
    two_pncs.link()
    people = {frozenset({("police", "P1"), ("hub", "H1")}), frozenset({("police", "P2")})}
    assert two_pncs.people() == people
    shipped = model.load()
    monkeypatch.setattr(model, "load", lambda: replace(shipped, version="v2"))
    two_pncs.link()
    assert two_pncs.people() == people


def test_a_client_who_takes_consent_back_is_linked_by_no_decision(feeds: Feeds, steward) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH)])
    feeds.deliver("dip", 1, [dip("D1"), dip("D2", consent_to_share=False)])
    feeds.link()
    deciding.merge(steward, 1, 2, WHY)
    with pytest.raises(IomError, match="has not consented to be linked"):
        deciding.merge(steward, 1, 3, WHY)
    feeds.link()
    assert frozenset({("police", "P1"), ("dip", "D1")}) in feeds.people()
    feeds.deliver("dip", 2, [dip("D1", consent_withdrawn_on="2013-10-01"), dip("D2", consent_to_share=False)])
    feeds.link()
    assert len(feeds.people()) == 3


@pytest.mark.parametrize("holders", [[police("P1", pncid=ANN)], []])
def test_clients_who_were_told_apart_do_not_meet_through_their_identifier(feeds: Feeds, holders: list) -> None:
    feeds.deliver("police", 1, holders)
    feeds.deliver("dip", 1, [dip(ref, pncid=ANN) for ref in ("D1", "D2", "D3")])
    feeds.link()
    assert set(feeds.keys().values()) == {1}
    feeds.decide("different", "D2", "D3")
    feeds.link()
    assert feeds.keys()["dip", "D2"] == 1 != feeds.keys()["dip", "D3"]


def test_nobody_sees_or_decides_while_people_are_being_linked(two_pncs: Feeds, steward) -> None:
    acts = (
        stewardship.queue,
        lambda c: stewardship.look(c, "1-2", WHY),
        lambda c: stewardship.confirm(c, "1-2", WHY),
        lambda c: list(explain(c, two_pncs.linker, 1, WHY)),
    )
    stewardship.look(steward, "1-2", WHY)
    with database.transaction("owner") as run, run.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (0x494F4D4C,))
        cursor.execute("lock table identity.record in access exclusive mode")  # as a relink of everybody does
        for act in acts:
            with pytest.raises(IomError, match="being linked at this moment"):
                act(steward)
    for act in acts:
        act(steward)


def test_killed_in_the_middle_nothing_is_decided(two_pncs: Feeds, steward) -> None:
    stewardship.look(steward, "1-2", WHY)
    events = two_pncs.query("select count(*) from audit.event")
    with database.transaction("owner") as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table identity.decision in share mode")  # its event is written by then
        process = subprocess.Popen([sys.executable, "-c", CONFIRM])
        wait_for(lambda: waiting_for(two_pncs, "relation") == 1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    wait_for(lambda: two_pncs.query("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)])
    assert decisions(two_pncs) == []
    assert two_pncs.query("select count(*) from audit.event") == events
    stewardship.confirm(steward, "1-2", WHY)
    assert len(decisions(two_pncs)) == 1


def test_names_are_in_no_list_log_or_event(feeds: Feeds, steward, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for feed, rows in QUESTIONS["two_pncs"].items():
        feeds.deliver(feed, 1, rows)
    feeds.link()
    stewardship.look(steward, "1-2", WHY)
    listed = repr(stewardship.queue(steward))
    deciding.reject(steward, "1-2", WHY)
    told = listed + caplog.text + repr(feeds.query("select subject, reason, details from audit.event"))
    told += repr(feeds.query("select item from access.look_request where item is not null"))
    assert "1-2" in told
    for secret in (*SECRETS, "P1", "H1"):
        assert secret not in told

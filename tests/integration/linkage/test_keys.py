"""Stable keys: minted once, kept while people merge, split, leave and come back; history says who was whom."""

import check_letters_again as again
import pytest
from feeds_of_people import Feeds
from test_matching import QUILL, SMITH, hub, police, prison, probation

ANN, BOB = again.pnc(2003, 11), again.pnc(2004, 12)
CRO = again.cro(1999, 11)


def test_a_person_keeps_the_key_when_a_record_joins(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=BOB)])
    first = feeds.link()
    before = feeds.keys()
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=BOB)])
    second = feeds.link()
    assert feeds.keys() == before | {("prison", "A1234BC"): before["police", "P2"]}
    assert second.minted == 0
    # P1 is as it was; P2 is the same person for another reason than before
    rows = feeds.query(
        "select source_key, method, opened_by_run, closed_by_run from identity.link order by source_key, opened_by_run"
    )
    assert rows == [
        ("A1234BC", "splink v1", second.run_id, None),
        ("P1", "single", first.run_id, None),
        ("P2", "single", first.run_id, second.run_id),
        ("P2", "splink v1", second.run_id, None),
    ]


def test_a_link_is_opened_anew_when_only_its_evidence_is_another(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    first = feeds.link()
    feeds.deliver("police", 2, [police("P1", pncid=ANN), police("P3", pncid=ANN)])
    second = feeds.link()
    rows = feeds.query(
        "select evidence -> 'edges' -> 0 ->> 'record', opened_by_run, closed_by_run"
        " from identity.link where source_key = 'P1' order by 2"
    )
    assert rows == [
        ("police_person P2", first.run_id, second.run_id),
        ("police_person P3", second.run_id, None),
    ]
    assert second.minted == 0


def test_people_who_merge_keep_the_smallest_key(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    first = feeds.link()
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=CRO)])
    second = feeds.link()
    before = feeds.keys()
    assert before["police", "P1"] < before["prison", "A1234BC"]
    feeds.deliver("police", 2, [police("P1", cro_number=CRO)])
    third = feeds.link()
    assert set(feeds.keys().values()) == {before["police", "P1"]}
    assert feeds.keys(second.run_id) == before
    assert feeds.keys(first.run_id) == {("police", "P1"): before["police", "P1"]}
    assert (third.minted, third.people) == (0, 1)
    assert feeds.query("select count(*) from identity.person") == [(2,)], "a key without links is kept"


def test_the_part_that_was_linked_first_keeps_the_key_of_a_split(feeds: Feeds) -> None:
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    feeds.link()
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    together = feeds.link()
    assert len(feeds.people()) == 1
    key = feeds.keys()["prison", "A1234BC"]
    feeds.deliver("police", 2, [police("P1", pncid=BOB)])
    apart = feeds.link()
    assert feeds.keys()["prison", "A1234BC"] == key, "prison's record was there before"
    assert feeds.keys()["police", "P1"] > key
    assert apart.minted == 1
    assert feeds.people(together.run_id) == {frozenset({("police", "P1"), ("prison", "A1234BC")})}


def test_a_split_of_records_linked_in_one_run_goes_by_the_order_of_feeds_and_keys(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P2", pncid=ANN), police("P1", pncid=ANN)])
    feeds.deliver("hub", 1, [hub("H0", pncid=ANN)])
    feeds.link()
    key = feeds.keys()["police", "P1"]
    feeds.deliver("police", 2, [police("P1"), police("P2", pncid=ANN)])
    feeds.link()
    assert feeds.keys()["police", "P1"] == key
    assert feeds.keys()["police", "P2"] == feeds.keys()["hub", "H0"] > key


def test_people_wrongly_merged_get_their_own_keys_back(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1"), police("P2")])
    feeds.link()
    before = feeds.keys()
    feeds.deliver("police", 2, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    feeds.link()
    assert len(feeds.people()) == 1
    feeds.deliver("police", 3, [police("P1"), police("P2")])
    assert feeds.link().minted == 0
    assert feeds.keys() == before


def test_a_record_that_moves_takes_the_key_of_those_it_joins(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=BOB)])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=BOB)])
    feeds.link()
    before = feeds.keys()
    feeds.deliver("prison", 2, [prison("A1234BC", pncid=ANN)])
    assert feeds.link().minted == 0
    assert feeds.keys() == before | {("prison", "A1234BC"): before["police", "P1"]}


def test_a_record_deleted_at_source_loses_its_link_and_gets_its_key_back_when_it_returns(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1"), police("P2")])
    feeds.link()
    before = feeds.keys()
    feeds.deliver("police", 2, [police("P2")])
    feeds.link()
    assert feeds.keys() == {("police", "P2"): before["police", "P2"]}
    feeds.deliver("police", 3, [police("P1"), police("P2")])
    assert feeds.link().minted == 0
    assert feeds.keys() == before


def test_a_record_that_returns_does_not_take_its_old_key_from_those_who_use_it(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    feeds.link()
    key = feeds.keys()["prison", "A1234BC"]
    feeds.deliver("police", 2, [])
    feeds.link()
    feeds.deliver("police", 3, [police("P1")])
    feeds.link()
    assert feeds.keys()["prison", "A1234BC"] == key
    assert feeds.keys()["police", "P1"] > key


def test_a_key_in_use_is_kept_before_the_smaller_one_of_a_record_that_returns(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.link()
    feeds.deliver("police", 2, [])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN)])
    feeds.link()
    key = feeds.keys()["hub", "H1"]
    feeds.deliver("police", 3, [police("P1", pncid=ANN)])
    feeds.link()
    assert set(feeds.keys().values()) == {key}


def test_a_past_night_built_late_takes_no_key_from_those_of_today(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("C", pncid=BOB)])
    feeds.link(police=1)
    feeds.deliver("police", 2, [police("C", pncid=BOB), police("A", pncid=ANN)])
    feeds.deliver("hub", 2, [hub("B", pncid=ANN)])
    feeds.link(police=2, hub=2)
    feeds.deliver("police", 3, [police("C", pncid=BOB)])
    feeds.deliver("hub", 3, [hub("B")])  # by itself that night, with the key that it had in common with A
    feeds.deliver("police", 4, [police("C", pncid=BOB), police("A", pncid=ANN)])
    feeds.deliver("hub", 4, [hub("B", pncid=BOB)])
    feeds.link(police=4, hub=4)
    today = feeds.keys()
    past = feeds.link(police=3, hub=3)
    assert feeds.keys(past.run_id) == {("police", "C"): 1, ("hub", "B"): 2}
    assert feeds.keys() == today == {("police", "C"): 1, ("hub", "B"): 1, ("police", "A"): 2}


def test_a_past_night_built_late_takes_no_key_from_whom_it_does_not_reach(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("A", pncid=ANN)])
    feeds.deliver("hub", 1, [hub("B", pncid=ANN)])
    feeds.link(police=1, hub=1)
    feeds.deliver("police", 2, [police("A", pncid=BOB)])
    feeds.deliver("police", 3, [])
    feeds.link(police=3, hub=1)
    feeds.deliver("police", 4, [police("A")])
    feeds.link(police=4, hub=1)
    today = feeds.keys()
    past = feeds.link(police=2, hub=1)
    assert len(set(feeds.keys(past.run_id).values())) == 2
    assert feeds.keys() == today == {("hub", "B"): 1, ("police", "A"): 2}


def test_keys_are_never_minted_twice(feeds: Feeds) -> None:
    for night in range(1, 6):
        feeds.deliver("probation", night, [probation(f"X{night:06}")])
        feeds.link()
    minted = [key for (key,) in feeds.query("select person_key from identity.person order by minted_by_run")]
    assert minted == sorted(set(minted))
    assert len(minted) == 5


def test_a_conflict_is_closed_when_it_is_resolved_and_kept(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    first = feeds.link()
    feeds.deliver("hub", 1, [hub("H1")])
    feeds.link()
    assert feeds.query("select found_by_run, closed_by_run from identity.conflict") == [(first.run_id, None)]
    feeds.deliver("police", 2, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **SMITH)])
    third = feeds.link()
    assert feeds.query("select found_by_run, closed_by_run from identity.conflict") == [(first.run_id, third.run_id)]
    assert third.conflicts == 0
    assert len(feeds.people()) == 2  # both police records, and the hub's


@pytest.mark.parametrize("changed", ["P1", "P2"])
def test_a_conflict_is_closed_when_either_record_has_nothing_of_the_other(feeds: Feeds, changed: str) -> None:
    rows = {"P1": police("P1", pncid=ANN, **SMITH), "P2": police("P2", pncid=ANN, **QUILL)}
    feeds.deliver("police", 1, rows.values())
    assert feeds.link().conflicts == 1
    rows[changed] = rows[changed] | {"pncid": BOB}
    feeds.deliver("police", 2, rows.values())
    assert feeds.link().conflicts == 0


def test_only_links_of_people_in_reach_of_the_change_are_touched(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", **SMITH), police("P3", **QUILL)])
    feeds.link()
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN, dob="1980-05-17")])
    second = feeds.link()
    opened = feeds.query("select source_key from identity.link where opened_by_run = %s order by 1", (second.run_id,))
    assert opened == [("A1234BC",), ("P1",)]
    assert (second.records, second.people) == (4, 3)


def test_a_key_that_somebody_out_of_reach_was_given_first_is_not_taken(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.link()
    feeds.deliver("police", 2, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    feeds.link()
    feeds.deliver("police", 3, [police("P1", pncid=ANN), police("P2")])
    feeds.link()
    before = feeds.keys()
    feeds.deliver("police", 4, [police("P1", pncid=ANN), police("P2", **SMITH)])  # once linked to the key of P1
    feeds.link()
    assert feeds.keys() == before

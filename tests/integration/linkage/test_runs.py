"""Runs: what a vintage sees, running twice, two at once, killed in the middle, who may do what, and what is said about it."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import check_letters_again as again
import psycopg2
import pytest
from feeds_of_people import Feeds, with_thresholds
from test_matching import ANN, BOB, LEEDS, QUILL, SMITH, dip, hub, police, prison, probation

from iom_warehouse.linkage import LinkageError, model
from iom_warehouse.linkage import run as runs
from iom_warehouse.platform import database

LINK = """
from iom_warehouse.linkage import link_people
from iom_warehouse.platform import database
print(link_people(database.connect("linker"), {vintage}).run_id)
"""


def content(feeds: Feeds) -> dict[str, list]:
    """Every row of `identity`."""
    return {
        table: feeds.query(f"select * from identity.{table} order by 1, 2, 3, 4, 5, 6")
        for table in ("linkage_run", "link", "conflict", "record", "pair")
    } | {table: feeds.query(f"select * from identity.{table} order by 1") for table in ("person", "people_alike")}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "waited five minutes in vain"
        time.sleep(0.05)


def waiting_for(feeds: Feeds, kind: str) -> int:
    """Number of sessions that wait for a lock of that kind (`relation` or `advisory`)."""
    return feeds.query("select count(*) from pg_locks where not granted and locktype = %s", (kind,))[0][0]


def start_linking(vintage: dict[str, int]) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", LINK.format(vintage=vintage)], stdout=subprocess.PIPE, text=True)


def test_nobody_yet(feeds: Feeds) -> None:
    result = feeds.link()
    assert (result.records, result.people, result.links_opened) == (0, 0, 0)


def test_a_vintage_does_not_see_later_deliveries(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("police", 4, [police("P1", pncid=BOB), police("P2", pncid=ANN)])
    feeds.deliver("prison", 2, [prison("A1234BC", pncid=ANN)])
    feeds.link(police=1, prison=2)
    assert feeds.people() == {frozenset({("police", "P1"), ("prison", "A1234BC")})}
    feeds.link(police=4, prison=2)
    assert feeds.people() == {frozenset({("police", "P1")}), frozenset({("police", "P2"), ("prison", "A1234BC")})}


def test_a_feed_that_is_not_in_the_vintage_is_absent(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    feeds.deliver("dip", 1, [dip("D1")])
    feeds.link(police=1, housing=7)
    assert feeds.people() == {frozenset({("police", "P1")})}
    assert feeds.query("select vintage from identity.linkage_run") == [({"police": 1},)]


def test_without_a_vintage_all_that_is_published_is_seen(feeds: Feeds) -> None:
    feeds.deliver("police", 3, [police("P1")])
    feeds.deliver("hub", 8, [hub("H1")])
    feeds.query("update audit.delivery set status = 'refused' where feed = 'hub'")
    feeds.link()
    assert feeds.query("select vintage from identity.linkage_run") == [({"police": 3},)]


def test_a_feed_without_a_table_is_absent(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    feeds.query("alter table raw.hub_case rename to hub_case_elsewhere")
    try:
        feeds.link(police=1, hub=1)
    finally:
        feeds.query("alter table raw.hub_case_elsewhere rename to hub_case")
    assert feeds.people() == {frozenset({("police", "P1")})}


def test_the_same_vintage_again_changes_nothing(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    first = feeds.link(police=1)
    before = content(feeds)
    assert feeds.link(police=1) == first
    assert feeds.link() == first
    assert content(feeds) == before


def test_a_new_vintage_without_news_about_people_writes_a_run_and_no_link(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    feeds.link()
    before = content(feeds)
    feeds.deliver("police", 2, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    second = feeds.link()
    assert (second.links_opened, second.links_closed, second.minted, second.conflicts) == (0, 0, 0, 1)
    assert content(feeds) | {"linkage_run": None} == before | {"linkage_run": None}


def test_a_past_vintage_is_linked_as_it_was_and_leaves_the_present_as_it_is(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1"), police("P2", pncid=BOB)])
    first = feeds.link(police=1)
    feeds.deliver("police", 2, [police("P1", pncid=BOB), police("P2", pncid=BOB), police("P3")])
    feeds.deliver("police", 3, [police("P1", pncid=BOB), police("P2", pncid=BOB)])
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB)])
    third = feeds.link(police=3, hub=1)
    present, history = feeds.keys(), {run: feeds.keys(run) for run in (first.run_id, third.run_id)}

    past = feeds.link(police=2)  # a night that was never built
    assert feeds.people(past.run_id) == {frozenset({("police", "P1"), ("police", "P2")}), frozenset({("police", "P3")})}
    assert feeds.keys() == present
    assert {run: feeds.keys(run) for run in history} == history
    assert feeds.link(police=1) == first
    assert feeds.link(police=2) == past
    instants = "select count(*) from identity.link where opened_by_run = %s and linked_from > linked_to"
    assert feeds.query(instants, (past.run_id,)) == [(0,)]

    feeds.deliver("police", 4, [police("P1", pncid=BOB), police("P2", pncid=BOB), police("P4")])
    feeds.link(police=4, hub=1)
    assert feeds.keys().items() > present.items()


def test_a_vintage_with_one_feed_older_and_another_newer_leaves_the_present_as_it_is(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("police", 2, [police("P1", pncid=BOB)])
    feeds.link(police=2)
    present = feeds.keys()
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN)])  # late, for the night of police 1
    late = feeds.link(police=1, hub=1)
    assert feeds.people(late.run_id) == {frozenset({("police", "P1"), ("hub", "H1")})}
    assert feeds.keys() == present
    feeds.link(police=2, hub=1)
    assert feeds.people() == {frozenset({("police", "P1")}), frozenset({("hub", "H1")})}
    assert feeds.keys()["police", "P1"] == present["police", "P1"]


def decided(feeds: Feeds, *decisions: tuple) -> datetime:
    """Decide, and link; the moment after that."""
    for kind, one, other, *withdraws in decisions:
        feeds.decide(kind, one, other, *withdraws)
    feeds.link()
    return feeds.query("select clock_timestamp()")[0][0]


def test_a_past_night_knows_no_later_decision(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    first = decided(feeds)
    feeds.deliver("police", 2, [police("P1"), police("P2"), police("P3")])
    feeds.deliver("police", 3, [police("P1"), police("P2"), police("P3"), police("P4")])
    feeds.link()
    joined = decided(feeds, ("same", "P1", "P2"))
    last = decided(feeds, ("undecided", "P1", "P2", 1), ("same", "P1", "P3"))
    present, one, two, three = feeds.keys(), ("police", "P1"), ("police", "P2"), ("police", "P3")
    as_at = {when: feeds.link(known_by=when, police=2) for when in (first, joined, last)}
    people = {when: feeds.people(run.run_id) for when, run in as_at.items()}
    assert people == {
        first: {frozenset({one}), frozenset({two}), frozenset({three})},
        joined: {frozenset({one, two}), frozenset({three})},
        last: {frozenset({one, three}), frozenset({two})},
    }
    of_decisions = "select run_id, item, n from audit.linkage_quality where figure = 'decisions' and run_id = any(%s) order by 1"
    expected = [(as_at[joined].run_id, "same", 1), (as_at[last].run_id, "same", 1)]
    assert feeds.query(of_decisions, ([run.run_id for run in as_at.values()],)) == expected
    assert feeds.keys() == present
    assert feeds.link(known_by=joined, police=2) == as_at[joined]


def test_a_night_without_news_of_its_own_knows_no_later_decision_either(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1"), police("P2")])
    before = decided(feeds)
    decided(feeds, ("same", "P1", "P2"))
    past = feeds.link(known_by=before, police=1)
    assert len(feeds.people(past.run_id)) == 2
    assert len(feeds.people()) == 1


def test_a_past_night_takes_as_together_who_was_so_the_night_before(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    less = {"P1": SMITH | LEEDS, "P2": SMITH | LEEDS | {"dob": "1980-05-18"}}  # enough to stay together, too little to join
    with_thresholds(monkeypatch, join=8, split=-1)
    feeds.deliver("police", 1, [police(ref, **row) for ref, row in less.items()])
    feeds.link()
    assert len(feeds.people()) == 2
    feeds.deliver("police", 2, [police(ref, **row) for ref, row in less.items()])
    feeds.deliver("police", 3, [police(ref, **SMITH, pncid=ANN) for ref in less])
    feeds.link()
    assert len(feeds.people()) == 1
    feeds.deliver("hub", 1, [hub("H1")])
    assert len(feeds.people(feeds.link(police=2, hub=1).run_id)) == 3, "they were joined later"
    assert len(feeds.people()) == 1


def alike(*more: str) -> list[dict[str, str]]:
    """Two with enough in common to stay together, and too little to join; and others."""
    return [police("P1", **SMITH | LEEDS), police("P2", **SMITH | LEEDS | {"dob": "1980-05-18"}), *map(police, more)]


def test_a_past_night_goes_by_no_run_that_obeyed_later_decisions(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """A steward joined the two on a night without news, before the late delivery of the night that is asked for."""
    with_thresholds(monkeypatch, join=8, split=-1)
    feeds.deliver("police", 1, alike())
    before = decided(feeds)
    decided(feeds, ("same", "P1", "P2"))
    feeds.deliver("police", 2, alike("P9"))
    feeds.deliver("police", 3, alike("P9", "P10"))
    feeds.link()
    assert len(feeds.people(feeds.link(known_by=before, police=2).run_id)) == 3
    assert len(feeds.people()) == 3, "P1 with P2, P9, P10"


def test_a_past_night_under_another_model_leaves_the_present_as_it_is(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two stay together though the steward who joined them took it back; in the past night they were never joined."""
    with_thresholds(monkeypatch, join=8, split=-1)
    feeds.deliver("police", 1, alike())
    before = decided(feeds)
    feeds.deliver("police", 2, alike("P9"))
    feeds.deliver("police", 3, alike("P9", "P10"))
    decided(feeds, ("same", "P1", "P2"))
    decided(feeds, ("undecided", "P1", "P2", 1))
    present = feeds.keys()
    assert present["police", "P1"] == present["police", "P2"]
    with_thresholds(monkeypatch, join=9, split=-1)
    assert len(feeds.people(feeds.link(known_by=before, police=2).run_id)) == 3
    assert feeds.keys() == present


def test_a_past_night_is_what_its_run_said_whatever_model_links_now(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model was another from the day after on, and on the last night again; a night that was never linked is linked once."""
    feeds.deliver("police", 1, alike())
    first = decided(feeds)
    then = runs_so_far(feeds)
    with_thresholds(monkeypatch, join=90, split=80)
    decided(feeds)
    feeds.deliver("police", 2, alike("P9"))
    feeds.deliver("police", 3, alike("P9", "P10"))
    last = decided(feeds)
    present = runs_so_far(feeds)
    never_linked = feeds.link(known_by=first, police=2)
    assert never_linked.run_id > present
    so_far = runs_so_far(feeds)
    with_thresholds(monkeypatch, join=8, split=-1)
    assert feeds.link(known_by=first, police=1).run_id == then
    assert feeds.link(known_by=last, police=1).run_id == then + 1, "the last that had seen no more"
    assert feeds.link(known_by=first, police=2) == never_linked
    assert feeds.link(known_by=last, police=3).run_id == present, "nothing came since"
    assert runs_so_far(feeds) == so_far
    assert feeds.link(police=3).run_id > so_far, "tonight goes by the model of today"


def runs_so_far(feeds: Feeds) -> int:
    return feeds.query("select max(run_id) from identity.linkage_run")[0][0]


def test_another_version_of_the_model_links_afresh(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN)])
    first = feeds.link()
    shipped = model.load()
    monkeypatch.setattr(model, "load", lambda: replace(shipped, version="v2"))
    second = feeds.link()
    assert second.run_id > first.run_id
    assert feeds.methods() == {("police", "P1"): "splink v2", ("hub", "H1"): "splink v2"}


def test_a_model_that_was_changed_under_its_name_links_afresh(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"forenames": "Karl", "surname": "Trubshaw", "dob": "1985-11-23"}
    feeds.deliver("police", 1, [police("P1", **names)])
    feeds.deliver("hub", 1, [hub("H1", **names)])
    feeds.link()
    assert len(feeds.people()) == 1
    with_thresholds(monkeypatch, join=90, split=80)
    feeds.link()
    assert len(feeds.people()) == 2


@pytest.mark.parametrize("where", ["code", "function"])
def test_a_release_with_other_rules_links_afresh_once(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    first = feeds.link()
    numbers = feeds.numbers("P1")
    if where == "code":
        (tmp_path / "rules.py").write_text("# another rule", encoding="utf-8")
        monkeypatch.setattr(runs, "RULES", (*runs.RULES, tmp_path / "rules.py"))
    else:
        feeds.query("create function identity.another_rule() returns integer language sql return 1")
    try:
        second = feeds.link()
        assert second.run_id > first.run_id
        assert feeds.numbers("P1") != numbers, "its record was made again"
        assert feeds.link() == second
    finally:
        feeds.query("drop function if exists identity.another_rule()")


def test_two_at_once_are_one_run(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    with database.transaction("owner") as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table identity.link in share row exclusive mode")
        processes = [start_linking({"police": 1}) for _ in range(2)]
        wait_for(lambda: waiting_for(feeds, "relation") == 1 and waiting_for(feeds, "advisory") == 1)
    runs = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert runs[0] == runs[1]
    assert feeds.query("select count(*) from identity.linkage_run") == [(1,)]
    assert feeds.query("select count(*) from identity.link") == [(2,)]


@pytest.mark.parametrize("table", ["linkage_run", "person", "link", "conflict", "record", "pair", "people_alike"])
def test_killed_in_the_middle_nothing_is_written(feeds: Feeds, table: str) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=BOB)])
    feeds.link()
    before = content(feeds)
    feeds.deliver("police", 2, [police("P1", pncid=BOB, **SMITH), police("P2", pncid=BOB, **QUILL), police("P3")])
    with database.transaction("owner") as blocker, blocker.cursor() as cursor:
        cursor.execute(f"lock table identity.{table} in share row exclusive mode")
        process = start_linking({"police": 2})
        wait_for(lambda: waiting_for(feeds, "relation") == 1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    wait_for(lambda: feeds.query("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)])
    assert content(feeds) == before
    result = feeds.link(police=2)
    assert (result.people, result.conflicts) == (3, 1)


def test_a_clock_set_back_does_not_end_links_before_they_began(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    feeds.link()
    feeds.query("update identity.linkage_run set started_at = now() + interval '1 day', finished_at = now() + interval '1 day'")
    feeds.query("update identity.link set linked_from = (select started_at from identity.linkage_run)")
    feeds.deliver("police", 2, [])
    assert feeds.link().links_closed == 1


# What docs/how-to/deploy.md has the owner do about the key of a record that was erased.
ERASE_KEY = """
    delete from identity.conflict
    where ('police_person', 'P77777') in ((source_file, source_key), (other_source_file, other_source_key));
    delete from identity.decision
    where ('police_person', 'P77777') in ((source_file, source_key), (other_source_file, other_source_key));
    delete from identity.link where ('police_person', 'P77777') = (source_file, source_key);
    update identity.link set evidence = evidence - 'edges' where evidence -> 'edges' @> '[{"record": "police_person P77777"}]';
"""


def test_what_was_erased_from_raw_is_nowhere_in_identity_after_a_run_in_full(feeds: Feeds) -> None:
    barnaby = {"forenames": "Barnaby", "surname": "Zouche", "dob": "1961-11-23", "postcode": "LS99 9ZZ"}
    rows = [police("P77777", pncid=BOB, **SMITH | barnaby), police("P2", pncid=ANN), police("P3", pncid=ANN)]
    feeds.deliver("police", 1, rows)
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=BOB, **SMITH), prison("A1234BD", pncid=ANN)])
    feeds.deliver("dip", 1, [dip("D1", pncid=BOB, dob="1961-11-23")])
    feeds.link()
    feeds.decide("same", "P77777", "A1234BC")
    feeds.decide("different", "P77777", "P2")
    feeds.link()
    values = ("BARNABY", "ZOUCHE", "1961-11-23", "LS999ZZ")
    assert all(holding(feeds, value) for value in values)
    feeds.query("delete from raw.police_person where police_ref = 'P77777'; delete from raw.dip_client where client_ref = 'D1'")
    run = feeds.link().run_id
    assert all(holding(feeds, value) for value in values), "a night without news makes nothing again"
    assert feeds.link(in_full=True).run_id > run
    together = frozenset({("police", "P2"), ("police", "P3"), ("prison", "A1234BD")})
    assert feeds.people() == {together, frozenset({("prison", "A1234BC")})}
    assert not any(holding(feeds, value) for value in values)
    assert holding(feeds, "P77777") <= {"link", "conflict", "decision"}
    feeds.query(ERASE_KEY)
    assert not holding(feeds, "P77777")
    feeds.deliver("police", 2, rows[1:2])
    result = feeds.link()
    assert (result.records, result.people) == (3, 2)


def erasures(feeds: Feeds) -> list[tuple]:
    return feeds.query("select subject, reason, details from audit.event where action = 'erase records' order by event_id")


def test_a_run_in_full_writes_down_whose_rows_were_deleted_by_hand(feeds: Feeds) -> None:
    """By numbers alone. A record that an agency withdrew has its versions in raw and is none of them."""
    feeds.deliver("police", 1, [police("P7", pncid=BOB, **SMITH), police("P8", pncid=ANN), police("P9")])
    feeds.link()
    numbers, people = feeds.numbers("P7"), [feeds.keys()["police", "P7"]]
    feeds.deliver("police", 2, [police("P7", pncid=BOB, **SMITH), police("P9")])
    feeds.query("delete from raw.police_person where police_ref = 'P7'")
    run = feeds.link(in_full=True).run_id
    told = {"records": [f"police_person {number}" for number in numbers], "people": people}
    written = erasures(feeds)
    assert written[-1] == (f"linkage run {run}", "No reason was given.", told)
    feeds.link(in_full=True)
    assert erasures(feeds) == written, "nothing was deleted since"


def test_the_erasure_of_what_an_agency_withdrew_before_is_written_down_too(feeds: Feeds) -> None:
    """Its record is gone already, so that its person alone has a number."""
    feeds.deliver("police", 1, [police("P7", pncid=BOB, **SMITH), police("P9")])
    feeds.link()
    people = [feeds.keys()["police", "P7"]]
    feeds.deliver("police", 2, [police("P9")])
    feeds.link()
    feeds.query("delete from raw.police_person where police_ref = 'P7'")
    because = "request 12 of the data protection officer, by Kim Alder"
    run = feeds.link(in_full=True, because=because).run_id
    assert erasures(feeds)[-1] == (f"linkage run {run}", because, {"records": [], "people": people})


@pytest.mark.parametrize("vintage", [{}, {"police": 2}], ids=["last night", "past night"])
def test_any_run_that_makes_everybody_again_writes_down_whose_rows_were_deleted(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch, vintage: dict[str, int]
) -> None:
    """The run in full that the owner then asks for finds them no more."""
    rows = [police("P7", pncid=BOB), police("P9")]
    for sequence, present in enumerate((rows, [*rows, police("P10")], rows), 1):
        feeds.deliver("police", sequence, present)
    feeds.link()
    told = {"records": [f"police_person {feeds.numbers('P7')[0]}"], "people": [feeds.keys()["police", "P7"]]}
    feeds.query("delete from raw.police_person where police_ref = 'P7'")
    with_thresholds(monkeypatch, join=8, split=-1)
    run = feeds.link(**vintage).run_id
    written = erasures(feeds)
    assert written[-1] == (f"linkage run {run}", "No reason was given.", told)
    feeds.link(in_full=True)
    assert erasures(feeds) == written


def test_nobody_of_whom_raw_has_a_record_is_told_as_erased(feeds: Feeds) -> None:
    """P8 was of the person of P7 before; of the person of P5 and H1 one record goes; P2, the other of H2's, was withdrawn."""
    rows = [police("P2", pncid=again.pnc(2001, 9)), police("P5", pncid=BOB), police("P7", pncid=ANN), police("P8", pncid=ANN)]
    feeds.deliver("police", 1, rows)
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB), hub("H2", pncid=again.pnc(2001, 9))])
    feeds.link()
    feeds.decide("different", "P7", "P8")
    feeds.deliver("police", 2, rows[1:])
    feeds.link()
    split_off = feeds.keys()["police", "P8"]
    assert feeds.query("select count(distinct person_key) from identity.link where source_key = 'P8'") == [(2,)]
    numbers = feeds.numbers("P5", "P8")
    feeds.query("delete from raw.police_person where police_ref in ('P5', 'P8'); delete from raw.hub_case where case_ref = 'H2'")
    gone_too = feeds.numbers("H2")
    feeds.link(in_full=True)
    records = [f"police_person {number}" for number in numbers] + [f"hub_case {number}" for number in gone_too]
    assert erasures(feeds)[-1][2] == {"records": records, "people": [split_off]}


def holding(feeds: Feeds, value: str) -> set[str]:
    """Tables of identity in a row of which a value stands."""
    tables = feeds.query("select relname from pg_class where relnamespace = 'identity'::regnamespace and relkind = 'r'")
    row = "select 1 from identity.{} as held where held::text like %s"
    return {table for (table,) in tables if feeds.query(row.format(table), (f"%{value}%",))}


REFUSED = {
    "linker": [
        "delete from identity.link",
        "delete from identity.person",
        "update identity.link set person_key = 1",
        "update identity.link set closed_by_run = null, linked_to = null, method = 'pnc'",
        "truncate identity.link",
        "update raw.police_person set dob = null",
    ],
    "transformer": [
        "select evidence from identity.link",
        "select * from identity.link",
        "select * from identity.person",
        "select * from identity.conflict",
        "insert into identity.linkage_run (method, vintage) values ('x', '{}')",
    ],
    "loader": ["select source_key from identity.link", "select * from identity.linkage_run"],
    "publisher": ["select source_key from identity.link", "select * from identity.linkage_run"],
}


@pytest.mark.parametrize(("role", "statement"), [(role, statement) for role, all_of in REFUSED.items() for statement in all_of])
def test_no_role_does_more_than_its_stage(feeds: Feeds, role: str, statement: str) -> None:
    connection = database.connect(role)
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


def test_the_transformer_reads_who_is_whom_as_known_at_a_run(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1")])
    run = feeds.link().run_id
    with database.transaction("transformer") as connection, connection.cursor() as cursor:
        cursor.execute("select source_file, source_key, person_key, method, opened_by_run, closed_by_run from identity.link")
        assert cursor.fetchall() == [("police_person", "P1", 1, "single", run, None)]
        cursor.execute("select people from identity.linkage_run")
        assert cursor.fetchall() == [(1,)]


WRONG_LINKS = {
    "a second open link of a record": "('police_person', 'P1', 1, 'pnc', '{}', 2, null, now(), null)",
    "nobody": "('police_person', 'P9', 99, 'pnc', '{}', 1, null, now(), null)",
    "closed before it was opened": "('police_person', 'P9', 1, 'pnc', '{}', 2, 1, now(), now())",
    "closed by a run but at no time": "('police_person', 'P9', 1, 'pnc', '{}', 1, 2, now(), null)",
    "no such run": "('police_person', 'P9', 1, 'pnc', '{}', 9, null, now(), null)",
}


@pytest.mark.parametrize("what", WRONG_LINKS)
def test_the_database_refuses_a_wrong_link(feeds: Feeds, what: str) -> None:
    feeds.deliver("police", 1, [police("P1")])
    feeds.link()
    feeds.query("insert into identity.linkage_run (method, vintage) values ('x', '{}')")
    with pytest.raises(psycopg2.IntegrityError):
        feeds.query(f"insert into identity.link values {WRONG_LINKS[what]}")


def test_errors_and_logs_hold_no_identifier(feeds: Feeds, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    feeds.deliver("probation", 1, [probation("X123456", pncid=again.pnc(1999, 4711), surname="Quill")])
    feeds.link()
    feeds.query("alter table identity.link add constraint spoke check (source_key <> 'X765432') not valid")
    try:
        feeds.deliver("probation", 2, [probation("X765432", pncid=again.pnc(1999, 4711), surname="Quill")])
        with pytest.raises(LinkageError) as caught:
            feeds.link()
    finally:
        feeds.query("alter table identity.link drop constraint spoke")
    assert "spoke" in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    said = str(caught.value) + caplog.text
    assert "linkage run" in said
    for secret in ("X765432", "X123456", "4711", "Quill"):
        assert secret not in said


def test_a_missing_grant_says_what_to_do(feeds: Feeds) -> None:
    feeds.deliver("hub", 1, [hub("H1")])
    feeds.query("revoke select on raw.hub_case from iom_linker")
    try:
        with pytest.raises(LinkageError, match="Run: iom db migrate"):
            feeds.link()
    finally:
        feeds.query("grant select on raw.hub_case to iom_linker")
    assert feeds.link().people == 1, "the connection can be used again"

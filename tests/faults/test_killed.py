"""A load killed at any point: nothing half done is visible, and running it again ends as if nothing had happened."""

import pytest
from child import assert_killed, barrier, die, kill, start, until_nobody_loads, until_somebody_waits, wait
from delivery_maker import Warehouse
from prison_rows import person
from two_prison_nights import FIRST, SECOND, state

from iom_warehouse import loading
from iom_warehouse.loading import sender_report

POINTS = {
    "entering the delivery": "lock table audit.delivery in share mode",
    "landing, after the first file": "lock table audit.file_load in share mode",
    "validating, after the first file": "lock table audit.validation_result in share mode",
    "publishing, between two files": "lock table raw.prison_spell in share mode",
    "publishing, while rejections are written": "lock table audit.rejected_row in share mode",
    "publishing, just before the end": "select pg_advisory_xact_lock(hashtext('audit.event'))",
}


@pytest.fixture(scope="module")
def undisturbed(shared_warehouse: Warehouse) -> dict:
    """What the two nights leave behind when nobody disturbs them."""
    shared_warehouse.take("prison", 1, FIRST)
    shared_warehouse.take("prison", 2, SECOND)
    return state(shared_warehouse)


@pytest.mark.parametrize("point", POINTS)
def test_a_load_killed_at_this_point_is_as_if_it_had_not_been(undisturbed: dict, warehouse: Warehouse, point: str) -> None:
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, SECOND)
    delivery_id = None if point.startswith("entering") else loading.receive("prison", folder).delivery_id
    before = state(warehouse)
    with barrier(POINTS[point]):
        child = start(publish, delivery_id, folder)
        until_somebody_waits()
        kill(child)
    until_nobody_loads()
    after = state(warehouse)
    assert [after[name] for name in ("people", "spells", "rejections", "quarantine", "events")] == [
        before[name] for name in ("people", "spells", "rejections", "quarantine", "events")
    ]
    take_back_numbers(warehouse)
    assert warehouse.load("prison", folder).status == "published"
    assert state(warehouse) == undisturbed


def test_what_a_killed_load_took_up_goes_on_waiting(warehouse: Warehouse) -> None:
    """The spell of person 5 waits for the person, whom the second delivery mends."""
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, {"prison_person": [person(5, change="upsert")]}, base=1)
    delivery_id = loading.receive("prison", folder).delivery_id
    before = state(warehouse)
    with barrier(POINTS["publishing, just before the end"]):
        child = start(publish, delivery_id, folder)
        until_somebody_waits()
        kill(child)
    until_nobody_loads()
    after = state(warehouse)
    assert [after[name] for name in ("people", "spells", "rejections", "quarantine")] == [
        before[name] for name in ("people", "spells", "rejections", "quarantine")
    ]
    for _ in range(2):
        assert warehouse.load("prison", folder).status == "published"
        assert warehouse.counts(delivery_id, "prison_spell") == {"taken_up": 1}
        assert len(warehouse.current("prison_spell", "booking_ref")) == 3 and state(warehouse)["quarantine"] == []


def publish(delivery_id: int | None, folder: str) -> None:
    """From where the delivery stands: entered, if it has a number."""
    loading.publish(delivery_id or loading.receive("prison", folder).delivery_id)


def take_back_numbers(warehouse: Warehouse) -> None:
    """A delivery that was never entered may cost a number; it is the only trace, and it is hidden from the comparison."""
    warehouse.query("select setval('audit.delivery_delivery_id_seq', max(delivery_id)) from audit.delivery")


def load_and_die_before_the_page(warehouse: Warehouse, folder: str) -> None:
    sender_report._template = die
    warehouse.load("prison", folder)


def test_a_report_for_the_sender_is_there_whole_or_not_at_all(undisturbed: dict, warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, SECOND)
    delivery_id = loading.receive("prison", folder).delivery_id
    assert_killed(start(load_and_die_before_the_page, warehouse, folder))
    until_nobody_loads()
    assert not sender_report.folder_of("prison", folder, delivery_id).exists()
    assert warehouse.load("prison", folder).status == "published"
    assert state(warehouse) == undisturbed


def test_a_refusal_that_is_killed_is_made_again(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, {"prison_person": "surname\nAlder\n"})
    with barrier(POINTS["publishing, just before the end"]):
        child = start(warehouse.load, "prison", folder)
        until_somebody_waits()
        kill(child)
    until_nobody_loads()
    assert warehouse.value("select status from audit.delivery where sequence = 2") == "landed"
    refused = warehouse.load("prison", folder)
    assert refused.status == "refused" and set(warehouse.findings(refused.delivery_id)) == {"prison_person.columns"}
    assert warehouse.value("select count(*) from audit.delivery_finding") == 1
    assert len(state(warehouse)["reports"]) == 2


def test_two_processes_that_load_the_same_delivery_load_it_once(undisturbed: dict, warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, SECOND)
    with barrier("lock table audit.delivery in share mode"):
        children = [start(warehouse.load, "prison", folder) for _ in range(2)]
        until_somebody_waits()
    assert [wait(child) for child in children] == [0, 0]
    assert state(warehouse) == undisturbed


def test_a_second_process_waits_for_the_one_that_publishes(undisturbed: dict, warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, FIRST)
    folder = warehouse.deliver("prison", 2, SECOND)
    delivery_id = loading.receive("prison", folder).delivery_id
    with barrier(POINTS["publishing, just before the end"]):
        first = start(loading.publish, delivery_id)
        until_somebody_waits()
        second = start(loading.publish, delivery_id)
    assert [wait(first), wait(second)] == [0, 0]
    assert state(warehouse) == undisturbed

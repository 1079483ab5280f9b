"""A load that is started by the clock waits for its delivery without holding a worker."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.bases.operator import TriggerFailureReason
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred
from airflow.sdk.module_loading import import_string
from delivery_maker import Warehouse
from prison_rows import people

from iom_warehouse.orchestration import waiting

STARTED_BY_THE_CLOCK = {"dag_run": SimpleNamespace(conf={})}


@pytest.fixture
def sensor() -> waiting.AwaitDelivery:
    return waiting.AwaitDelivery(task_id="await_delivery", feed="prison", wait=timedelta(hours=3))


def test_it_defers_to_a_trigger_that_sees_the_delivery_come(warehouse: Warehouse, sensor: waiting.AwaitDelivery) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(STARTED_BY_THE_CLOCK)
    assert deferred.value.timeout == timedelta(hours=3)
    path, arguments = deferred.value.trigger.serialize()
    assert arguments["feed"] == "prison"
    trigger = import_string(path)(**arguments | {"seconds": 0.05})  # in another process, from what was serialised

    async def arrival() -> str:
        seen = asyncio.ensure_future(anext(trigger.run()))
        await asyncio.sleep(0.2)
        assert not seen.done(), "nothing has come yet"
        folder = await asyncio.to_thread(warehouse.deliver, "prison", 1, {"prison_person": people(1)})
        event = await asyncio.wait_for(seen, 10)
        assert event.payload == folder
        return event.payload

    payload = asyncio.run(arrival())
    resumed = getattr(sensor, deferred.value.method_name)
    assert resumed(STARTED_BY_THE_CLOCK, event=payload) == payload


def test_a_run_for_which_nothing_came_in_time_is_skipped(sensor: waiting.AwaitDelivery) -> None:
    """The watch has raised the alert by then: a failed task would be a second one."""
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("__fail__", {"error": TriggerFailureReason.TRIGGER_TIMEOUT}, STARTED_BY_THE_CLOCK)


def test_what_waits_already_is_taken_at_once_and_a_named_folder_before_all(
    warehouse: Warehouse, sensor: waiting.AwaitDelivery
) -> None:
    first = warehouse.deliver("prison", 1, {"prison_person": people(1)})
    assert sensor.execute(STARTED_BY_THE_CLOCK) == first
    assert sensor.execute({"dag_run": SimpleNamespace(conf={"folder": "2013-10-02.2"})}) == "2013-10-02.2"

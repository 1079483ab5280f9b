"""Waiting for a delivery: a deferrable sensor for the next folder of the inbox that is not decided yet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseSensorOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

from iom_warehouse.orchestration.undecided import waiting


class DeliveryTrigger(BaseTrigger):
    """Fires when a delivery of the feed waits. Looks into the inbox every `seconds`."""

    def __init__(self, feed: str, seconds: float = 30) -> None:
        super().__init__()
        self.feed, self.seconds = feed, seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "iom_warehouse.orchestration.waiting.DeliveryTrigger", {"feed": self.feed, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not (found := await asyncio.to_thread(waiting, self.feed)):
            await asyncio.sleep(self.seconds)
        yield TriggerEvent(found[0].path.name)


class AwaitDelivery(BaseSensorOperator):
    """Returns the folder name of the feed's next waiting delivery, or of the one that the run's conf names as `folder`.

    Defers while there is none; skips the run when none came within `wait`: the watch has raised the alert by then.
    """

    def __init__(self, *, feed: str, wait: timedelta, **kwargs: Any) -> None:
        super().__init__(soft_fail=True, **kwargs)
        self.feed, self.wait = feed, wait

    def execute(self, context: Any) -> str:
        named = (context["dag_run"].conf or {}).get("folder")
        if named:
            return str(named)
        found = waiting(self.feed)
        if not found:
            self.defer(trigger=DeliveryTrigger(self.feed), method_name="arrived", timeout=self.wait)
        return found[0].path.name

    def arrived(self, context: Any, event: str) -> str:
        """The folder that the trigger saw."""
        return event

"""One DAG per contract: wait for the feed's next delivery, land it, let it be validated, publish it.

A run takes one delivery. Tasks pass numbers and folder names, never rows.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract
from iom_warehouse.orchestration import alerts
from iom_warehouse.orchestration.task_defaults import LONDON, task_defaults
from iom_warehouse.orchestration.waiting import AwaitDelivery

if TYPE_CHECKING:
    from iom_warehouse.loading import Outcome


def load_dag(contract: Contract) -> None:
    """Make the DAG load_<feed>."""
    published = Asset(f"raw.{contract.feed}")

    @dag(
        dag_id=f"load_{contract.feed}",
        schedule=CronTriggerTimetable(contract.expected_by, timezone=LONDON),
        start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
        catchup=False,
        max_active_runs=1,
        default_args=task_defaults(owner=contract.owner),
        tags=["load", contract.feed],
        doc_md=f"{contract.title}: {contract.purpose}",
    )
    def load() -> None:
        @task(execution_timeout=timedelta(hours=2))
        def land(folder: str) -> int:
            from iom_warehouse import loading

            return _undecided(loading.land(loading.receive(contract.feed, folder).delivery_id)).delivery_id

        @task(execution_timeout=timedelta(hours=2))
        def validate(delivery_id: int) -> int:
            from iom_warehouse import loading

            return _undecided(loading.validate(delivery_id)).delivery_id

        @task(execution_timeout=timedelta(hours=2), outlets=[published])
        def publish(delivery_id: int) -> str:
            from iom_warehouse import loading

            outcome = _undecided(loading.publish(delivery_id))
            business_date = outcome.folder.split(".")[0]
            get_current_context()["outlet_events"][published].add_partitions(business_date)
            return business_date

        folder = AwaitDelivery(
            task_id="await_delivery", feed=contract.feed, wait=timedelta(hours=contract.late_after_hours),
            execution_timeout=timedelta(minutes=10),
        ).output  # fmt: skip
        publish(validate(land(folder)))  # type: ignore[arg-type]  # stands for what the task before returns

    load()


def _undecided(outcome: "Outcome") -> "Outcome":
    """The outcome, unless the delivery was refused: then trying again is of no use."""
    if outcome.status == "refused":
        alerts.refused(outcome.feed, outcome.folder, outcome.delivery_id)
        raise AirflowFailException(f"{outcome.feed}/{outcome.folder} was refused. See: iom delivery show {outcome.delivery_id}")
    return outcome


for each in contracts.all():
    load_dag(each)

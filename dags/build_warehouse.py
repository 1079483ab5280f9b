"""Link people and build the marts of one night: as soon as all feeds are in, or at the cut-off (watch_deliveries starts it then).

A feed that comes after the cut-off starts the build again; a night before the last built one is left alone. By hand, conf
{"business_date": "2013-10-01", "as_of": true} builds what was known on that night into a schema of its own.
"""

from datetime import timedelta
from functools import reduce
from operator import and_

import pendulum
from airflow.sdk import Asset, IdentityMapper, Param, PartitionedAssetTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from iom_warehouse import contracts
from iom_warehouse.orchestration.task_defaults import LONDON, business_date, task_defaults

FEEDS = reduce(and_, (Asset(f"raw.{contract.feed}") for contract in contracts.all()))
MARTS = Asset("marts")


@dag(
    schedule=PartitionedAssetTimetable(assets=FEEDS, default_partition_mapper=IdentityMapper()),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="data engineering"),
    params=business_date("The night to build. A run that the feeds start has its own.")
    | {"as_of": Param(False, type="boolean", description="build what was known on that night, into a schema of its own")},
    tags=["build"],
)
def build_warehouse() -> None:
    @task(execution_timeout=timedelta(minutes=10))
    def open_build() -> int:
        from iom_warehouse.orchestration import building

        context = get_current_context()
        night = context["dag_run"].partition_key or context["params"]["business_date"]
        if not night:
            raise AirflowFailException('Say which night to build: {"business_date": "2013-10-01"}.')
        try:
            return building.open_build(night, as_of=context["params"]["as_of"])
        except building.PastNight as past:
            raise AirflowSkipException(str(past)) from None

    @task(execution_timeout=timedelta(hours=1))
    def link_people(build_id: int) -> int:
        from iom_warehouse.orchestration import building

        return building.link(build_id)

    @task(execution_timeout=timedelta(hours=4), outlets=[MARTS])
    def build_marts(build_id: int) -> int:
        from iom_warehouse.orchestration import building

        return building.build(build_id)

    build_marts(link_people(open_build()))  # type: ignore[arg-type]  # stands for what the task before returns


build_warehouse()

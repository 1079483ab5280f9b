"""After each build: the agreed files for each agency, about people whom it knows. What may not be sent raises an alert."""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, dag, get_current_context, task

from iom_warehouse.orchestration.task_defaults import LONDON, business_date, task_defaults


@dag(
    schedule=[Asset("marts")],
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="data engineering"),
    params=business_date("The night that the files are of. Empty: the last built one."),
    tags=["feedback"],
)
def send_feedback() -> None:
    @task(execution_timeout=timedelta(hours=1))
    def send() -> list[str]:
        from iom_warehouse.orchestration import feeding_back

        night = get_current_context()["params"]["business_date"]
        return [f"{stopped.recipient}/{stopped.file}" for stopped in feeding_back.send(night)]

    send()


send_feedback()

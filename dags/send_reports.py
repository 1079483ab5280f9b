"""Every hour: send released reports to those who are to have them. What does not go raises an alert and is tried again."""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from iom_warehouse.orchestration.task_defaults import LONDON, task_defaults


@dag(
    schedule=CronTriggerTimetable("20 * * * *", timezone=LONDON),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="performance unit"),
    tags=["report"],
)
def send_reports() -> None:
    @task(execution_timeout=timedelta(minutes=30))
    def send() -> list[str]:
        from iom_warehouse.orchestration import sending_reports

        return [f"{trouble.report_id}/{trouble.recipient}" for trouble in sending_reports.send()]

    send()


send_reports()

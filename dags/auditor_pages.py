"""After each build and every morning: pages on what was delivered, checked and refused, Data Docs, and the documentation.

Beside them, pages of drafts and files of released reports that are missing are written, and those of withdrawn ones taken away.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from iom_warehouse.orchestration.task_defaults import LONDON, task_defaults


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("30 7 * * *", timezone=LONDON), assets=[Asset("marts")]),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="data engineering"),
    tags=["audit"],
)
def auditor_pages() -> None:
    @task(execution_timeout=timedelta(minutes=30))
    def write() -> str:
        from iom_warehouse.orchestration import reporting

        return reporting.auditor_pages()

    @task(execution_timeout=timedelta(minutes=10))
    def document() -> str:
        from iom_warehouse.orchestration import reporting

        return reporting.documentation_pages()

    @task(execution_timeout=timedelta(minutes=30))
    def write_missing() -> None:
        from iom_warehouse.orchestration import reporting

        reporting.write_missing()

    write() >> document()
    write_missing()


auditor_pages()

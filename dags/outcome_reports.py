"""Outcome reports on the second of each month: of the quarter that the month before it lies in, and all that are due.

Run by hand with a business_date it makes the first only.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task

from iom_warehouse.orchestration.task_defaults import LONDON, task_defaults


@dag(
    schedule=CronTriggerTimetable("0 7 2 * *", timezone=LONDON),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="performance unit"),
    tags=["report"],
)
def outcome_reports() -> None:
    @task(execution_timeout=timedelta(hours=1))
    def quarterly() -> str:
        from iom_warehouse.orchestration import reporting

        run = get_current_context()["dag_run"]
        last_month = pendulum.instance(run.run_after).in_tz(LONDON).start_of("month").subtract(days=1)
        return reporting.quarterly((run.conf or {}).get("business_date") or last_month.to_date_string())

    @task(execution_timeout=timedelta(hours=3))
    def due() -> list[str]:
        from iom_warehouse.orchestration import reporting

        run = get_current_context()["dag_run"]
        if (run.conf or {}).get("business_date"):
            return []
        return [str(path) for path in reporting.due(pendulum.instance(run.run_after).in_tz(LONDON).date())]

    quarterly() >> due()


outcome_reports()

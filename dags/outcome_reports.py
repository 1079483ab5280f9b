"""Outcome reports on the second of each month: of the quarter that the month before it lies in, and all that are due.

Run by hand with a business_date, that of the last built night, it makes the report of the quarter that this lies in.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task

from iom_warehouse.orchestration.task_defaults import LONDON, business_date, task_defaults


@dag(
    schedule=CronTriggerTimetable("0 7 2 * *", timezone=LONDON),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="performance unit"),
    params=business_date("The last built night, to have the report of its quarter. Empty: all that are due."),
    tags=["report"],
)
def outcome_reports() -> None:
    @task(execution_timeout=timedelta(hours=3))
    def make() -> list[str]:
        from iom_warehouse.orchestration import reporting

        context = get_current_context()
        named = context["params"]["business_date"]
        if named:
            return [reporting.quarterly(named)]
        return [str(path) for path in reporting.due(pendulum.instance(context["dag_run"].run_after).in_tz(LONDON).date())]

    make()


outcome_reports()

"""Every quarter of an hour: alert about late, missing, stale and refused deliveries, and start the runs that should be there."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task

from iom_warehouse.orchestration.task_defaults import LONDON, business_date, task_defaults


@dag(
    schedule=CronTriggerTimetable("*/15 * * * *", timezone=LONDON),
    start_date=pendulum.datetime(2013, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    default_args=task_defaults(owner="data engineering"),
    params=business_date("The night to look at; nothing is started then. Empty: now."),
    tags=["watch"],
)
def watch_deliveries() -> None:
    @task(execution_timeout=timedelta(minutes=10))
    def alert() -> list[str]:
        from iom_warehouse.orchestration import watch

        night = get_current_context()["params"]["business_date"]
        return watch.check(date.fromisoformat(night) if night else None)

    @task(execution_timeout=timedelta(minutes=10))
    def runs_to_start() -> list[dict]:
        from iom_warehouse.orchestration import watch

        context = get_current_context()
        if context["params"]["business_date"]:
            return []  # asked for one night by hand: look, start nothing

        def failed_runs(dag_id: str, run_ids: list[str]) -> int:
            return context["ti"].get_dr_count(dag_id, run_ids=run_ids, states=["failed"])

        return watch.runs_to_start(datetime.now(ZoneInfo(LONDON)), failed_runs)

    start = TriggerDagRunOperator.partial(task_id="start", skip_when_already_exists=True, execution_timeout=timedelta(minutes=5))
    alert() >> start.expand_kwargs(runs_to_start())


watch_deliveries()

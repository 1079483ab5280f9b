"""What every task has: owner, retries, time-out, and an alert when it fails; and what runs by hand may be asked for."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param

from iom_warehouse.orchestration import alerts
from iom_warehouse.platform import local_time

LONDON = local_time.LONDON.key


def task_defaults(owner: str) -> dict[str, Any]:
    """Default arguments of a DAG's tasks. A step that fails is tried twice more; a refused delivery is not."""
    return {
        "owner": owner,
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": alerts.task_failed,
    }


def business_date(what_for: str) -> dict[str, Param]:
    """The DAG parameter `business_date`: a night such as 2013-10-01, or None. Anything else starts no run."""
    return {"business_date": Param(None, type=["null", "string"], format="date", title="Night", description=what_for)}

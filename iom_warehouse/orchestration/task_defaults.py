"""What every task has: owner, retries, time-out, and an alert when it fails."""

from datetime import timedelta
from typing import Any

from iom_warehouse.orchestration import alerts

LONDON = "Europe/London"


def task_defaults(owner: str) -> dict[str, Any]:
    """Default arguments of a DAG's tasks. A step that fails is tried twice more; a refused delivery is not."""
    return {
        "owner": owner,
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": alerts.task_failed,
    }

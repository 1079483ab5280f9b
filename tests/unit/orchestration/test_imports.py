"""What commands must not load before they need it.

Airflow reads its settings when it is imported, and `airflow_home` makes them; dbt takes seconds, and most commands build nothing.
"""

import os
import subprocess
import sys

import pytest

BEFORE_AIRFLOW = (
    "airflow_home", "building", "feeding_back", "night_from_nothing", "nightly", "reporting", "sending_reports", "services",
)  # fmt: skip


@pytest.mark.parametrize("late", ["airflow", "dbt"])
def test_is_not_imported_before_it_is_needed(late: str) -> None:
    program = f"import sys; from iom_warehouse.orchestration import {', '.join(BEFORE_AIRFLOW)}; print({late!r} in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert printed.stdout.strip() == "False"

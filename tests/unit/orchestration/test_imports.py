"""Airflow reads its settings when it is imported, and `airflow_home` makes them: what runs before must not import it."""

import os
import subprocess
import sys

BEFORE_AIRFLOW = (
    "airflow_home", "building", "feeding_back", "night_from_nothing", "nightly", "reporting", "sending_reports", "services",
)  # fmt: skip


def test_airflow_is_not_imported_before_its_settings_are_made() -> None:
    program = f"import sys; from iom_warehouse.orchestration import {', '.join(BEFORE_AIRFLOW)}; print('airflow' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert printed.stdout.strip() == "False"

"""The DAG watch_deliveries in Airflow, before a build that fails for good."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from surroundings import environment, temporary_folder

from iom_warehouse.orchestration import airflow_home, alerts, night_from_nothing, services
from iom_warehouse.platform import database, postgres_server

WATCH_RUNS = Path(__file__).with_name("watch_runs.py")


@pytest.fixture
def published_night(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of its own, since Airflow's database has one name, and one delivery that no build has seen."""
    with temporary_folder() as state, environment(state_dir=state):
        night_from_nothing.prepare_database()
        for name in airflow_home.environment():
            monkeypatch.setenv(name, "")
        services.migrate()
        with database.transaction("loader") as conn, conn.cursor() as cursor:
            cursor.execute(
                "insert into audit.delivery"
                " (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)"
                " values ('police', '2013-10-01.1', 'a', '2013-10-01', 1, 'full', '2013-10-01 23:40', 'published', now())"
            )
        yield
        postgres_server.stop("immediate")


def test_a_failing_build_is_started_three_times_in_all(published_night: None) -> None:
    done = subprocess.run([sys.executable, str(WATCH_RUNS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    started = [f"watch__2013-10-01__1__{number}" for number in (1, 2, 3)]
    assert json.loads(done.stdout.splitlines()[-1]) == [
        ["success", *started[:1]], ["success", *started[:2]], ["success", *started], ["success", *started],
        ["success", *started],
    ]  # fmt: skip
    (alert,) = [alert for alert in alerts.listed(only_open=True) if alert.kind.startswith("failed")]
    assert "iom build run 2013-10-01" in alert.message

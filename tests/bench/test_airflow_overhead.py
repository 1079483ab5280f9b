"""What Airflow costs over calling the same steps bare, once it has started: Rossi's three deliveries, each way in a state."""

import os
import subprocess
import sys

import pytest
from surroundings import temporary_folder

from iom_warehouse.platform.settings import PROJECT_DIR

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
PREPARE = """
import time
from iom_warehouse.orchestration import airflow_home, night_from_nothing, services
from iom_warehouse.platform.settings import settings
from iom_warehouse.synthetic.rossi import write_rossi
write_rossi(settings().inbox)
night_from_nothing.prepare_database()
night_from_nothing.apply_configuration()
airflow_home.prepare(quiet=True)
services.migrate()
from iom_warehouse.orchestration import building, nightly
from iom_warehouse.loading import expectations, land, publish, receive, validate
from iom_warehouse.orchestration.waiting import waiting
from iom_warehouse.transform import runner
dags = nightly.load_dags()
runner.parse()
feeds = ("police", "prison", "probation")
"""
BARE = """
started = time.perf_counter()
for feed in feeds:
    publish(validate(land(receive(feed, waiting(feed)[0].path.name).delivery_id).delivery_id).delivery_id)
building.build(building.link(building.open_build("1974-06-30")))
print("seconds", time.perf_counter() - started)
"""
WITH_AIRFLOW = """
nightly.run_dag(dags["watch_deliveries"], {"business_date": "1974-06-30"})  # the first DAG of a process starts the API
started = time.perf_counter()
for feed in feeds:
    nightly.run_dag(dags[f"load_{feed}"], {"folder": waiting(feed)[0].path.name})
nightly.run_dag(dags["build_warehouse"], {"business_date": "1974-06-30"})
print("seconds", time.perf_counter() - started)
"""
STOP = "\nfrom iom_warehouse.platform import postgres_server\npostgres_server.stop()\n"


def seconds_of(program: str) -> float:
    with temporary_folder() as state:
        settings = {"IOM_STATE_DIR": str(state), "IOM_CONFIGURATION_DIR": str(PROJECT_DIR / "examples" / "rossi" / "partnership")}
        command = [sys.executable, "-c", PREPARE + program + STOP]
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split("seconds ")[1].split()[0])


def test_airflow_over_the_bare_steps(stopwatch):
    stopwatch.seconds["bare"] = seconds_of(BARE)
    stopwatch.seconds["with Airflow"] = seconds_of(WITH_AIRFLOW)
    print(f"    bare {stopwatch.seconds['bare']:.1f} s, with Airflow {stopwatch.seconds['with Airflow']:.1f} s")
    stopwatch.ratio("with Airflow", "bare", 1.2)

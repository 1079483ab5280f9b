"""Ten nights of the sample: where the time goes by stage, and what Airflow costs over the same steps called bare.

Start-up is not counted: both ways run in a prepared state, and the first DAG, which starts Airflow's API, runs before.
"""

import json
import os
import subprocess
import sys

import pytest
from surroundings import temporary_folder

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
PREPARE = """
import json, time
from collections import defaultdict
from iom_warehouse.orchestration import airflow_home, building, feeding_back, night_from_nothing, nightly, reporting, services
from iom_warehouse.platform import postgres_server
from iom_warehouse.platform.settings import settings
from iom_warehouse.synthetic.sample import write_sample
from iom_warehouse import contracts, loading
from iom_warehouse.loading import expectations
from iom_warehouse.transform import runner
write_sample(settings().inbox, settings().state_dir / "truth")
night_from_nothing.prepare_database()
night_from_nothing.apply_configuration()
services.migrate()
airflow_home.prepare(in_process=True)
from iom_warehouse.orchestration import undecided, watch  # after Airflow's settings, which these imports read
runner.parse()
seconds = defaultdict(float)
def timed(stage, step, *arguments):
    started = time.perf_counter()
    try:
        return step(*arguments)
    finally:
        seconds[stage] += time.perf_counter() - started
"""
BARE = """
def load(feed, folder):
    outcome = timed("receive", loading.receive, feed, folder)
    for step in (loading.land, loading.validate, loading.publish):
        outcome = timed(step.__name__, step, outcome.delivery_id)

nights = defaultdict(list)
for contract in contracts.all():
    for folder in undecided.waiting(contract.feed):
        nights[nightly.arrival_night(folder)].append(folder)
started = time.perf_counter()
for night, folders in sorted(nights.items()):
    for folder in sorted(folders, key=lambda found: (found.feed, found.sequence)):
        load(folder.feed, folder.path.name)
    timed("watch", watch.check, night)
    build_id = timed("open build", building.open_build, str(night))
    timed("link people", building.link, build_id)
    timed("dbt", building.build, build_id)
timed("report", reporting.quarterly, str(night))
timed("auditors' pages", reporting.auditor_pages)
timed("feedback", feeding_back.send, str(night))
seconds["all"] = time.perf_counter() - started
"""
WITH_AIRFLOW = """
nightly.run_dag(nightly.load_dags()["watch_deliveries"], {"business_date": "2000-01-01"})
bare_run = nightly.run_dag
nightly.run_dag = lambda dag, conf: timed(dag.dag_id, bare_run, dag, conf)
timed("all", nightly.run, lambda line: None)
"""
END = """
postgres_server.stop()
print("seconds", json.dumps(seconds))
"""


def seconds_of(program: str) -> dict[str, float]:
    with temporary_folder(on_disk=True) as state:
        command = [sys.executable, "-c", PREPARE + program + END]
        done = subprocess.run(
            command, env=os.environ | {"IOM_STATE_DIR": str(state)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.split("seconds ")[1])


def show(way: str, seconds: dict[str, float]) -> None:
    """Where the time goes, and what lies between the steps."""
    between = 2 * seconds["all"] - sum(seconds.values())
    for stage, spent in {**seconds, "between them": between}.items():
        print(f"    {way}: {stage:<20}{spent:8.1f} s {spent / seconds['all']:7.1%}")


def test_ten_nights_bare_and_with_airflow(stopwatch):
    for way, program in {"bare": BARE, "with Airflow": WITH_AIRFLOW}.items():
        seconds = seconds_of(program)
        show(way, seconds)
        stopwatch.seconds[way] = seconds["all"]
    stopwatch.ratio("with Airflow", "bare", 1.2)

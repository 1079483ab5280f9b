"""SIGTERM and SIGINT in the middle of a DAG run of the night, and what only looks like one of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import child
import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from delivery_maker import Warehouse
from surroundings import environment

from iom_warehouse.orchestration import nightly
from iom_warehouse.orchestration.ending import GOES_ON
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError


@pytest.fixture
def in_a_state(tmp_path: Path):
    (tmp_path / "airflow").mkdir()
    with environment(state_dir=tmp_path):
        yield


def dag(run) -> SimpleNamespace:
    """A DAG of one task, whose run is a call of `run` with the task."""
    task = SimpleNamespace()
    return SimpleNamespace(dag_id="load_police", tasks=[task], test=lambda **_: run(task))


def as_airflow_does(call) -> str:
    """A task that is ended is one that failed."""
    try:
        call()
    except BaseException:
        return "failed"
    return "success"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_not_the_task_alone(in_a_state, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(IomError, match="Ended by a signal in the middle of load_police. What was under way is done again by"):
        nightly.run_dag(dag(lambda _: as_airflow_does(lambda: os.kill(os.getpid(), number))), {})
    assert signal.getsignal(number) is before


def test_airflow_hands_sigterm_on_to_the_task(in_a_state) -> None:
    with pytest.raises(IomError, match="Ended by a signal"):
        nightly.run_dag(dag(lambda task: as_airflow_does(task.on_kill)), {})


def test_a_task_that_takes_too_long_has_failed_and_ends_nothing(in_a_state) -> None:
    def takes_too_long(task: SimpleNamespace) -> str:
        try:
            raise AirflowTaskTimeout
        except AirflowTaskTimeout:
            task.on_kill()
            return "failed"

    assert nightly.run_dag(dag(takes_too_long), {}) == "failed"


LOCK = "select pg_advisory_xact_lock(4711)"
WAITS = f"""
from types import SimpleNamespace
from iom_warehouse.orchestration import nightly
from iom_warehouse.platform import database

def waits(**_):
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("{LOCK}")

nightly.run_dag(SimpleNamespace(dag_id="load_police", tasks=[SimpleNamespace()], test=waits), {{}})
"""


@pytest.fixture
def at_work(warehouse: Warehouse) -> Iterator[subprocess.Popen[str]]:
    """A run whose statement waits for a lock: while PostgreSQL works for Python, no handler of Python's is called.

    It has heard a first signal. The lock is there until the end of the test.
    """
    (warehouse.state / "airflow").mkdir()
    with child.barrier(LOCK):
        run = subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        child.until_somebody_waits()
        run.send_signal(signal.SIGTERM)
        yield run
    run.kill()
    run.communicate()


def line_of(run: subprocess.Popen[str]) -> str:
    assert run.stdout
    return run.stdout.readline()


def test_a_signal_is_heard_while_a_statement_is_at_work(at_work: subprocess.Popen[str]) -> None:
    assert line_of(at_work).startswith("Heard: load_police ends as soon as the statement at work is over. A second signal")
    assert at_work.poll() is None, "it waits"
    with database.transaction("admin") as conn, conn.cursor() as cursor:
        cursor.execute("select pg_cancel_backend(pid) from pg_stat_activity where query like %s and wait_event_type = 'Lock'",
                       (f"{LOCK}%",))  # fmt: skip
    _, error = at_work.communicate()
    assert at_work.returncode == 1 and "Ended by a signal in the middle of load_police" in error


def test_a_second_signal_ends_it_at_once(at_work: subprocess.Popen[str]) -> None:
    line_of(at_work)
    at_work.send_signal(signal.SIGINT)
    output, _ = at_work.communicate()
    assert output.startswith("Ended at once in the middle of load_police; what is half done is made again") and GOES_ON in output
    assert at_work.returncode == 128 + signal.SIGINT


def test_a_second_signal_ends_it_though_nobody_reads_any_more(at_work: subprocess.Popen[str]) -> None:
    """As when Ctrl-C has ended the `tee` that the output went to."""
    line_of(at_work)
    assert at_work.stdout
    at_work.stdout.close()
    at_work.send_signal(signal.SIGINT)
    assert at_work.wait(timeout=20) == 128 + signal.SIGINT

"""SIGTERM and SIGINT in the middle of a DAG run of the night, and what only looks like one of them."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from surroundings import environment

from iom_warehouse.orchestration import nightly
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

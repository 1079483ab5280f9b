"""The DAG files load, are wiring only, and every task has what an operator at night needs."""

from pathlib import Path

import pytest

from iom_warehouse import contracts
from iom_warehouse.platform.settings import PROJECT_DIR

DAG_FILES = sorted((PROJECT_DIR / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def dags(airflow_environment):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(PROJECT_DIR / "dags"))
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_every_contract_has_its_load(dags):
    assert {f"load_{contract.feed}" for contract in contracts.all()} <= set(dags)
    assert {"build_warehouse", "outcome_reports", "send_feedback", "watch_deliveries"} <= set(dags)


def test_every_task_has_owner_retries_time_out_and_alert(dags):
    tasks = [(dag_id, task) for dag_id, dag in dags.items() for task in dag.tasks]
    assert len(tasks) > 20
    for dag_id, task in tasks:
        where = f"{dag_id}.{task.task_id}"
        assert task.owner and task.owner != "airflow", where
        assert task.retries >= 1, where
        assert task.execution_timeout is not None, where
        assert task.on_failure_callback, where


@pytest.mark.parametrize("dag_id", ["build_warehouse", "outcome_reports", "send_feedback", "watch_deliveries"])
def test_a_run_by_hand_is_asked_for_a_night_that_exists(dags, dag_id):
    from airflow.sdk.exceptions import ParamValidationError

    night = dags[dag_id].params.get_param("business_date")
    assert night.resolve("2013-10-01") == "2013-10-01" and night.resolve(None) is None
    for mistyped in ("2013-02-30", "1/10/2013", "yesterday", 20131001):
        with pytest.raises(ParamValidationError):
            night.resolve(mistyped)


def test_no_two_runs_of_a_dag_at_once(dags):
    assert {dag.max_active_runs for dag in dags.values()} == {1}


def test_loads_follow_the_arrival_that_the_contract_expects(dags):
    for contract in contracts.all():
        timetable = dags[f"load_{contract.feed}"].timetable
        assert timetable.expression == contract.expected_by
        assert str(timetable.timezone) == "Europe/London"


def test_the_build_waits_for_every_feed(dags):
    waited_for = {asset.name for asset in dags["build_warehouse"].timetable.asset_condition.objects}
    assert waited_for == {f"raw.{contract.feed}" for contract in contracts.all()}


def test_feedback_and_auditor_pages_follow_each_build(dags):
    made = {asset.name for asset in dags["build_warehouse"].get_task("build_marts").outlets}
    for dag_id in ("send_feedback", "auditor_pages"):
        assert {asset.name for asset in dags[dag_id].timetable.asset_condition.objects} == made, dag_id
    assert "write_missing" in dags["auditor_pages"].task_ids, "what a run left unwritten comes with them"


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_dag_files_are_wiring_only(path: Path):
    assert len(path.read_text().splitlines()) <= 80
    assert not path.name.startswith("dbt_"), "dbt imports such files as plugins"

"""A build writes down what it did, can be repeated, and documents itself."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from delivery_maker import Warehouse
from two_nights import SECOND

from iom_warehouse import configuration, transform
from iom_warehouse.platform import database
from iom_warehouse.platform.database import Connection
from iom_warehouse.platform.settings import settings
from iom_warehouse.transform import project, runner


def test_results_are_in_the_ledger(reader: Connection) -> None:
    with reader.cursor() as cursor:
        cursor.execute(
            "select resource_type, status, count(*) from audit.dbt_result "
            "where build_id = (select max(build_id) from audit.build where kind = 'nightly') and resource_type <> 'operation' "
            "group by 1, 2 order by 1"
        )
        [(model, built, models), (test, passed, tests)] = cursor.fetchall()
    assert (model, built, test, passed) == ("model", "success", "test", "pass")
    assert models > 90 and tests > 5


def test_feeds_that_never_delivered_reach_no_day(reader: Connection) -> None:
    """Drug services are absent, and of probation the build has not even a line. Nobody's needs are looked at by them."""
    with reader.cursor() as cursor:
        cursor.execute("select feed, data_cut::text from intermediate.int_periods__reach order by feed")
        assert cursor.fetchall() == [
            ("dip", None), ("hub", "2014-04-01"), ("police", "2014-04-01"), ("prison", "2014-03-30"), ("probation", None)
        ]  # fmt: skip
        cursor.execute("select distinct source from mart_needs.need_at_release order by source")
        assert cursor.fetchall() == [("any",), ("hub",), ("prison",)]


def test_the_same_build_again_changes_nothing_and_keeps_its_connections(reader: Connection) -> None:
    def sessions() -> int:
        with reader.cursor() as cursor:
            cursor.execute("select sessions from pg_stat_database where datname = current_database()")
            return cursor.fetchone()[0]

    def state() -> list[tuple]:
        with reader.cursor() as cursor:
            cursor.execute("select count(*) from audit.dbt_result where build_id = 2")
            counted = cursor.fetchall()
            cursor.execute("select * from mart_reoffending.fct_reoffending_person order by measure_version, person_key")
            return counted + cursor.fetchall()

    before, known_sessions = state(), sessions()
    transform.build(SECOND.date, SECOND.vintage, SECOND.linkage_run, SECOND.configuration_id, build_id=2)
    assert state() == before
    assert sessions() - known_sessions < 20, "not one for each of hundreds of models and tests"


def test_threads_drop_one_at_a_time(warehouse: Warehouse) -> None:
    """Two who drop at once what others read lock these in two orders, and each may wait for the other: all wait for one lock."""
    with database.session("owner") as owner:
        configuration.apply(settings().configuration_dir, owner)
    views = ("run --full-refresh", "--select", "stg_reference__areas", "stg_reference__agencies", "--no-write-json")
    assert runner.run(*views).success
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with database.session("admin") as admin, ThreadPoolExecutor(1) as pool:
        with admin.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('iom.drop'))")
            again = pool.submit(runner.run, *views)
            found = 0
            while found < 2:
                assert not again.done(), "nobody waited"
                cursor.execute(waiting)
                [(found,)] = cursor.fetchall()
            cursor.execute("select pg_advisory_unlock(hashtext('iom.drop'))")
        assert again.result().success


def test_dbt_unit_tests_pass(two_nights_built: Warehouse) -> None:
    outcome = runner.run("test", "--select", "test_type:unit", "--no-write-json")
    tested = [result for result in outcome.result if result.node.resource_type == "unit_test"]
    assert [f"{result.node.name}: {result.message}" for result in tested if str(result.status) != "pass"] == []
    assert outcome.success and len(tested) >= 5


def test_documentation_is_one_page(two_nights_built: Warehouse, tmp_path: Path) -> None:
    page = transform.docs(tmp_path / "models")
    assert page == tmp_path / "models" / "index.html"
    assert "One row per measure version, group and period or horizon." in page.read_text(encoding="utf-8")


def test_nothing_is_written_into_the_project(two_nights_built: Warehouse) -> None:
    runner.parse()
    assert not {"target", "logs", "dbt_packages"} & {path.name for path in project.folder().iterdir()}
    assert (project.state_dir() / "target").is_dir()


def test_an_ephemeral_model_limits_only_tables_that_keep_their_rows(shared_warehouse: Warehouse) -> None:
    """It is written into whoever reads it: a table made from nothing would lack those who have not changed."""
    manifest = runner.parse()
    limited = {
        key for key, node in manifest.nodes.items()
        if node.resource_type == "model" and node.config.materialized == "ephemeral" and "has_changed" in node.raw_code
    }  # fmt: skip
    readers = [node for node in manifest.nodes.values() if node.resource_type == "model" and limited & set(node.depends_on.nodes)]
    assert limited and readers
    assert [node.name for node in readers if node.config.materialized not in ("incremental", "ephemeral")] == []

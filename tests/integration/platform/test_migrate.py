"""Migrations after a run that was killed, beside one that still goes on, and on the server of another warehouse."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from child import barrier, kill, start, until, until_somebody_waits
from delivery_maker import Warehouse
from surroundings import environment

from iom_warehouse.platform import database, migrations, secrets
from iom_warehouse.platform.errors import IomError


def leave_lock_of_a_killed_run() -> None:
    """What `kill -9` leaves behind: yoyo's lock is a committed row."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("insert into yoyo_lock (locked, ctime, pid) values (1, now(), 1)")


def test_a_killed_run_does_not_block_the_next(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "9999_proof.sql").write_text("create table public.proof (number int);")
    leave_lock_of_a_killed_run()
    with environment(project_dir=tmp_path):
        assert migrations.migrate() == ["9999_proof"]
        assert migrations.migrate() == []


def test_a_migration_killed_in_its_middle_is_as_if_it_had_not_begun(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "9999_proof.sql").write_text(
        "create table public.proof (number int); select pg_advisory_xact_lock(4711);"
    )
    with environment(project_dir=tmp_path):
        with barrier("select pg_advisory_xact_lock(4711)"):
            child = start(migrations.migrate)
            until_somebody_waits("owner")
            kill(child)
        until("select not exists (select from pg_locks where objid = 4711)", "a connection of the killed run stays")
        assert warehouse.value("select to_regclass('public.proof') is null")
        assert migrations.migrate() == ["9999_proof"]


def test_nothing_waits_on_a_second_run(warehouse: Warehouse) -> None:
    assert migrations.migrate() == []


def test_two_runs_wait_for_each_other(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LOCK_PATIENCE", "200ms")
    other = psycopg2.connect(**(database.dsn("admin") | {"dbname": "postgres"}))
    with other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('iom migrations'))")
    with pytest.raises(IomError, match="Another run"):
        migrations.migrate()
    other.close()  # as the death of the other run does
    assert migrations.migrate() == []


@pytest.fixture
def other_secrets(warehouse: Warehouse) -> Iterator[Path]:
    """The secrets directory of another warehouse that was pointed at the same server: it knows the administrator only."""
    folder = warehouse.state / "other secrets"
    folder.mkdir(mode=0o700)
    shutil.copy(secrets.path_of("postgres"), folder)
    with environment(secrets_dir=folder):
        yield folder


def may_log_in(role: str, secrets_dir: Path) -> bool:
    with environment(secrets_dir=secrets_dir):
        try:
            database.connect(role).close()
        except psycopg2.OperationalError:
            return False
    return True


def test_a_second_state_is_refused_and_leaves_the_first_as_it_was(warehouse: Warehouse, cluster, other_secrets: Path) -> None:
    with pytest.raises(IomError, match="belongs to another warehouse") as refused:
        migrations.migrate()
    assert "IOM_SECRETS_DIR" in refused.value.next_step and "iom db take-over" in refused.value.next_step
    assert str(other_secrets) in refused.value.message
    assert all(may_log_in(role, cluster.secrets) for role in database.STAGE_ROLES)


def test_taking_over_is_deliberate_and_can_be_undone_the_same_way(warehouse: Warehouse, cluster, other_secrets: Path) -> None:
    migrations.take_over()
    try:
        assert migrations.migrate() == []
        assert may_log_in("owner", other_secrets) and not may_log_in("owner", cluster.secrets)
        with environment(secrets_dir=cluster.secrets), pytest.raises(IomError, match="belongs to another warehouse"):
            migrations.migrate()
    finally:
        with environment(secrets_dir=cluster.secrets):
            migrations.take_over()
    assert may_log_in("owner", cluster.secrets)

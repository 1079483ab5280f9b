"""Migrations after a run that was killed, and beside one that still goes on."""

from pathlib import Path

import psycopg2
import pytest
from delivery_maker import Warehouse
from surroundings import environment

from iom_warehouse.platform import database, migrations
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

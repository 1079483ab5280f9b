"""A build of what may have changed since the last one equals a build of everything, table by table, night after night.

And each night built again when later ones are known equals what was built that night.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import parsed_project
import pytest
from delivery_maker import Warehouse
from histories import FEEDS, History, publish
from spec_cases import read_all
from spec_world import World, apply_configuration

from iom_warehouse import transform
from iom_warehouse.orchestration import building
from iom_warehouse.platform import database

# A day, months and years apart, with no cohort frozen between them. The hub and the prison miss one each, the prison for months.
NIGHTS = {
    1: (date(2016, 4, 2), FEEDS),
    2: (date(2016, 4, 3), ("police", "probation", "dip", "prison")),
    3: (date(2017, 2, 27), ("police", "probation", "dip", "hub")),
    4: (date(2019, 12, 31), FEEDS),
}
EVERYTHING = "asof_20010101"
TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = %s::regnamespace"
KEEP = """
    select format('create table %%I.%%I as table %%s', %(kept)s, relname, oid::regclass) from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text ~ '^(intermediate|mart_)'
"""
DIFFERENCE = """
    select count(*) from (
        (select * from {0} except all select * from {1}) union all (select * from {1} except all select * from {0})
    ) as one
"""
LATE_CONVICTIONS = "select count(distinct opened_by_sequence) from raw.police_conviction where opened_by_sequence > 1"
HALFWAY = "intermediate.int_reoffending__index_events"
WAITS = "select pid from pg_locks where relation = %s::regclass and not granted"
END_ITS_SESSIONS = """
    select pg_terminate_backend(pid, 60000) from pg_stat_activity
    where usename = 'iom_transformer' and datname = current_database()
"""
IN_A_PROCESS = "import sys; from iom_warehouse.orchestration import building; building.build(int(sys.argv[1]))"


@pytest.fixture
def told(
    warehouse: Warehouse, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[database.Connection, History]]:
    """The owner's connection to a configured warehouse that knows nothing yet, and what will become known night by night."""
    parsed_project.take(parsed_project.of_this_run(tmp_path_factory), warehouse.state)
    world, cases = World(), read_all()
    for case in cases:
        world.add(case)
    with database.session("owner") as owner:
        apply_configuration(cases, tmp_path, owner)
        yield owner, History(world, nights=len(NIGHTS), seed=1)


@pytest.mark.timeout(1200)
def test_night_after_night(warehouse: Warehouse, told: tuple[database.Connection, History]) -> None:
    """The third night's build is killed halfway, and the night is built again. When all are known, each but the first, which was
    built from nothing itself, is built as of then.
    """
    owner, history = told
    built: dict[int, int] = {}
    for night, (day, feeds) in NIGHTS.items():
        history.tell(owner, night)
        publish(owner, night, day, feeds)
        if night == 3:
            kill_halfway(open_build(day, linkage_run=night))
        build_id = building.build(open_build(day, linkage_run=night))
        made = warehouse.value("select scope_reason from audit.build where build_id = %s", build_id)
        assert made.startswith(f"since build {built[night - 1]}:" if built else "everything: no build"), made
        built[night] = build_id
        keep(night)
    assert warehouse.value(LATE_CONVICTIONS) == len(NIGHTS) - 1, "each night after the first brings some"
    for night in list(NIGHTS)[1:]:
        assert differences(built[night], night) == {}, f"night {night}"


def keep(night: int) -> None:
    """Put a copy of all tables of this night into a schema of its own."""
    kept = f"night_{night}"
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(f"create schema {kept}")
        cursor.execute(KEEP, {"kept": kept})
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def open_build(day: date, linkage_run: int) -> int:
    build_id = building.open_build(str(day))
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("update audit.build set linkage_run = %s where build_id = %s", (linkage_run, build_id))
    return build_id


def kill_halfway(build_id: int) -> None:
    """Begin the build in a process of its own, hold it up at a model in the middle, and kill it there."""
    with database.session("admin") as conn, conn.cursor() as cursor:
        cursor.execute(f"lock table {HALFWAY} in access exclusive mode")
        process = subprocess.Popen([sys.executable, "-c", IN_A_PROCESS, str(build_id)], stderr=subprocess.DEVNULL)
        waiting: list[tuple[int]] = []
        while not waiting:
            assert process.poll() is None, "the build ended without coming to its middle"
            cursor.execute(WAITS, (HALFWAY,))
            waiting = cursor.fetchall()
        process.kill()
        process.wait()
        cursor.execute(END_ITS_SESSIONS)


def differences(build_id: int, night: int) -> dict[str, int]:
    """Tables kept of a night that differ from those of a build of everything that sees what it saw, and in how many rows."""
    seen = building.read(build_id)
    transform.build(
        seen.business_date, seen.vintage, seen.linkage_run, seen.configuration_id, build_id, as_of_schema=EVERYTHING
    )  # fmt: skip
    found = {}
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(TABLES, (EVERYTHING,))
        tables = cursor.fetchall()
        assert len(tables) > 50
        for (table,) in tables:
            cursor.execute(DIFFERENCE.format(f'night_{night}."{table}"', f'{EVERYTHING}."{table}"'))
            (rows,) = cursor.fetchone()
            if rows:
                found[table] = rows
    return found

"""A build of what may have changed since the last one equals a build of everything, table by table, night after night."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from delivery_maker import Warehouse
from histories import FEEDS, History, publish
from spec_cases import read_all
from spec_world import World, apply_configuration

from iom_warehouse import transform
from iom_warehouse.orchestration import building
from iom_warehouse.platform import database

# Days, months and years apart. The prison and the hub miss nights; on 1 April 2016 a cohort is frozen.
NIGHTS = {
    1: (date(2015, 6, 20), FEEDS),
    2: (date(2015, 6, 21), ("police", "probation", "dip", "hub")),
    3: (date(2015, 12, 1), FEEDS),
    4: (date(2016, 3, 30), ("police", "probation", "dip", "prison")),
    5: (date(2016, 3, 31), FEEDS),
    6: (date(2016, 4, 1), ("police",)),
    7: (date(2017, 2, 27), FEEDS),
    8: (date(2019, 12, 31), FEEDS),
}
EVERYTHING = "asof_20010101"
TABLES = """
    select here.relnamespace::regnamespace::text, here.relname
    from pg_class here join pg_class there on there.relname = here.relname and there.relnamespace = %s::regnamespace
    where here.relkind = 'r' and here.relnamespace <> there.relnamespace order by 2
"""
DIFFERENCE = """
    select count(*) from (
        (select * from {0} except all select * from {1}) union all (select * from {1} except all select * from {0})
    ) as one
"""


@pytest.fixture(params=[1, 2])
def history(request: pytest.FixtureRequest, warehouse: Warehouse, tmp_path: Path) -> Iterator[database.Connection]:
    """The owner's connection to a warehouse that knows the nights to come; nothing is published yet."""
    world, cases = World(), read_all()
    for case in cases:
        world.add(case)
    with database.session("owner") as owner:
        apply_configuration(cases, tmp_path, owner)
        History(world, nights=len(NIGHTS), seed=request.param).write(owner)
        yield owner


def build(day: date, linkage_run: int) -> int:
    build_id = building.open_build(str(day))
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("update audit.build set linkage_run = %s where build_id = %s", (linkage_run, build_id))
    return building.build(build_id)


def differences(build_id: int) -> dict[str, int]:
    """Tables of the marts that differ from those of a build of everything that sees the same, and in how many rows."""
    seen = building.read(build_id)
    transform.build(
        seen.business_date, seen.vintage, seen.linkage_run, seen.configuration_id, build_id, as_of_schema=EVERYTHING
    )  # fmt: skip
    found = {}
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(TABLES, (EVERYTHING,))
        tables = cursor.fetchall()
        assert len(tables) > 50
        for schema, table in tables:
            cursor.execute(DIFFERENCE.format(f'{schema}."{table}"', f'{EVERYTHING}."{table}"'))
            (rows,) = cursor.fetchone()
            if rows:
                found[table] = rows
    return found


def made(warehouse: Warehouse, build_id: int) -> str:
    return warehouse.value("select scope_reason from audit.build where build_id = %s", build_id)


def test_night_after_night(warehouse: Warehouse, history: database.Connection) -> None:
    since = None
    for night, (day, feeds) in NIGHTS.items():
        publish(history, night, day, feeds)
        build_id = build(day, linkage_run=night)
        is_limited = made(warehouse, build_id).startswith(f"since build {since}:")
        assert is_limited == (night not in (1, 6)), made(warehouse, build_id)
        assert differences(build_id) == {}, f"night {night}, {made(warehouse, build_id)}"
        since = build_id

"""Loading a million arrests, beside PostgreSQL's own COPY of the same files into typed tables with their primary keys."""

import resource

import pytest
from surroundings import environment, temporary_folder

from iom_warehouse import contracts, loading
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.settings import settings
from iom_warehouse.synthetic.bulk_arrests import write_police_arrest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
ROWS = 1_000_000
FILES = ("police_person", "police_arrest")


@pytest.fixture(scope="module")
def folders():
    with temporary_folder() as state, environment(state_dir=state):
        postgres_server.start()
        migrations.migrate()
        with database.transaction("owner") as conn:
            ddl.apply(conn, contracts.all())
        yield write_police_arrest(settings().inbox, ROWS)
        postgres_server.stop("immediate")


def copy_into_typed_tables(folder) -> None:
    with database.session("owner") as conn, conn.cursor() as cursor:
        for name in FILES:
            file = contracts.get("police").file(name)
            columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in file.columns)
            cursor.execute(f"create table public.{name} ({columns}, primary key ({', '.join(file.key)}))")
        conn.commit()
        for name in FILES:
            with (folder / f"{name}.csv").open("rb") as rows:
                header = rows.readline().decode().strip()
                cursor.copy_expert(f"copy public.{name} ({header}) from stdin (format csv, force_null *)", rows, 1 << 20)
        conn.commit()
        cursor.execute("".join(f"drop table public.{name};" for name in FILES))
        conn.commit()


def load(folder, stopwatch, night: str) -> None:
    with stopwatch(night):
        outcome = loading.receive("police", folder.name)
        for step in (loading.land, loading.validate, loading.publish):
            with stopwatch(f"  {night}: {step.__name__}"):
                outcome = step(outcome.delivery_id)
    assert outcome.status == "published"


def test_a_million_rows_and_the_next_night(folders, stopwatch):
    from iom_warehouse.loading import expectations  # noqa: F401  imports are not counted

    memory_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    copy_into_typed_tables(folders[0])  # warms the file cache
    with stopwatch("copy into typed tables"):
        copy_into_typed_tables(folders[0])
    load(folders[0], stopwatch, "first night")
    load(folders[1], stopwatch, "next night, 1% changed")
    with stopwatch("copy into typed tables, again"):
        copy_into_typed_tables(folders[0])
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_before) / 1024
    size = sum(path.stat().st_size for path in folders[0].iterdir()) >> 20
    print(f"    memory of Python grew by {grown:.0f} MiB over a delivery of {size} MiB")
    stopwatch.ratio("first night", "copy into typed tables", 3.0)
    stopwatch.ratio("next night, 1% changed", "copy into typed tables", 2.0)
    assert grown < 64

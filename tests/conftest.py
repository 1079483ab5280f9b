"""A real PostgreSQL for the tests: one server for the session, one migrated template, a fresh database per test or module."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import TEMPLATE, Cluster, own_warehouse
from delivery_maker import Warehouse
from psycopg2 import sql
from surroundings import environment, temporary_folder

from iom_warehouse import contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, garbage, migrations, postgres_server

pytest_plugins = ["left_out"]
SLOW_ROOMS = ("acceptance", "spec", "faults")  # where one file takes a minute or more
# A crash of the machine may lose the server, so it need not wait for the disk; its files may lie in memory.
# Each test logs in some dozen times, and what makes a password slow to guess costs as much as the test.
SETTINGS = ("fsync = off", "scram_iterations = 1", "min_wal_size = '128MB'", "max_wal_size = '512MB'")
garbage.look_seldom()
os.environ.pop("COLUMNS", None)  # workers of xdist are given the size of a terminal, for which tables would be broken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that the two workers of `make test` end together."""

    def room(item: pytest.Item) -> int:
        name = item.path.relative_to(Path(__file__).parent).parts[0]
        return SLOW_ROOMS.index(name) if name in SLOW_ROOMS else len(SLOW_ROOMS)

    items.sort(key=room)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's server."""
    with temporary_folder() as state:
        with environment(state_dir=state):
            postgres_server.start()
            found = Cluster(postgres_server.port(), state / "secrets")
            found.secrets.mkdir(exist_ok=True)
            found.execute(*(sql.SQL(f"alter system set {setting}") for setting in SETTINGS), sql.SQL("select pg_reload_conf()"))
            with environment(database_url=found.url(TEMPLATE)):
                migrations.migrate()
                with database.transaction("owner") as conn:
                    ddl.apply(conn, contracts.all())
            found.seal(TEMPLATE)
        yield found
        with environment(state_dir=state):
            postgres_server.stop("immediate")


@pytest.fixture
def warehouse(cluster: Cluster) -> Iterator[Warehouse]:
    """An empty warehouse for one test."""
    with own_warehouse(cluster) as found:
        yield found


@pytest.fixture(scope="module")
def shared_warehouse(cluster: Cluster) -> Iterator[Warehouse]:
    """An empty warehouse for the tests of a module, which must not get into each other's way."""
    with own_warehouse(cluster) as found:
        yield found

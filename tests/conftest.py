"""A real PostgreSQL for the tests: one server for the session, one migrated template, one fresh database per test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from delivery_maker import Warehouse
from psycopg2 import sql
from surroundings import environment, temporary_folder

from iom_warehouse import contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations, postgres_server

TEMPLATE = "iom_template"
_numbers = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running server with a migrated template database in it."""

    port: int
    secrets: Path

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self) -> str:
        """A fresh database with all migrations and the raw tables of every contract. Returns its name."""
        name = f"test_{next(_numbers)}"
        self._execute(
            sql.SQL("create database {} template {} owner iom_owner").format(sql.Identifier(name), sql.Identifier(TEMPLATE)),
            *migrations.stage_rights(name),
        )
        return name

    def seal_template(self) -> None:
        """A template cannot be copied while anybody is connected to it."""
        self._execute(
            sql.SQL("alter database {} allow_connections false").format(sql.Identifier(TEMPLATE)),
            sql.SQL("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = {}").format(
                sql.Literal(TEMPLATE)
            ),
        )

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _execute(self, *statements: sql.Composable) -> None:
        password = (self.secrets / "postgres").read_text().strip()
        conn = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", password=password, dbname="postgres")
        conn.autocommit = True
        with conn.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        conn.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's server. A crash of the machine may lose it, so it need not wait for the disk."""
    with temporary_folder() as state:
        with environment(state_dir=state):
            postgres_server.start()
            found = Cluster(postgres_server.port(), state / "secrets")
            found.secrets.mkdir(exist_ok=True)
            found._execute(sql.SQL("alter system set fsync = off"), sql.SQL("select pg_reload_conf()"))
            with environment(database_url=found.url(TEMPLATE)):
                migrations.migrate()
                with database.transaction("owner") as conn:
                    ddl.apply(conn, contracts.all())
            found.seal_template()
        yield found
        with environment(state_dir=state):
            postgres_server.stop("immediate")


@contextmanager
def empty_warehouse(cluster: Cluster) -> Iterator[Warehouse]:
    """A warehouse with a database, an inbox and a state directory of its own, until the end of the block."""
    name = cluster.create()
    with (
        temporary_folder() as state,
        environment(state_dir=state, secrets_dir=cluster.secrets, database_url=cluster.url(name)),
    ):
        (state / "inbox").mkdir()
        yield Warehouse(state / "inbox", state)
    cluster.drop(name)


@pytest.fixture
def warehouse(cluster: Cluster) -> Iterator[Warehouse]:
    """An empty warehouse for one test."""
    with empty_warehouse(cluster) as found:
        yield found


@pytest.fixture(scope="module")
def shared_warehouse(cluster: Cluster) -> Iterator[Warehouse]:
    """An empty warehouse for the tests of a module, which must not get into each other's way."""
    with empty_warehouse(cluster) as found:
        yield found

"""The tests' PostgreSQL server, and warehouses in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2
from delivery_maker import Warehouse
from psycopg2 import sql
from surroundings import environment, temporary_folder

from iom_warehouse.platform import migrations

TEMPLATE = "iom_template"
_numbers = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running server with a migrated template database in it."""

    port: int
    secrets: Path

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = TEMPLATE) -> str:
        """A copy of a sealed database; of the template, if none is given. Returns its name."""
        name = f"test_{next(_numbers)}"
        self.execute(
            sql.SQL("create database {} template {} strategy file_copy owner iom_owner").format(  # half the time of the other
                sql.Identifier(name), sql.Identifier(template)
            ),
            *migrations.stage_rights(name),
        )
        return name

    def seal(self, name: str) -> None:
        """Make a database one to copy from: it cannot be copied while anybody is connected to it."""
        self.execute(
            sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)),
            sql.SQL("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = {}").format(sql.Literal(name)),
        )

    def drop(self, name: str) -> None:
        self.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def execute(self, *statements: sql.Composable) -> None:
        password = (self.secrets / "postgres").read_text().strip()
        conn = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", password=password, dbname="postgres")
        conn.autocommit = True
        with conn.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        conn.close()


@contextmanager
def warehouse_of(cluster: Cluster, name: str) -> Iterator[Warehouse]:
    """A warehouse on that database, with an inbox and a state directory of its own, until the end of the block."""
    with (
        temporary_folder() as state,
        environment(state_dir=state, secrets_dir=cluster.secrets, database_url=cluster.url(name)),
    ):
        (state / "inbox").mkdir()
        yield Warehouse(state / "inbox", state)


@contextmanager
def own_warehouse(cluster: Cluster, template: str = TEMPLATE) -> Iterator[Warehouse]:
    """A warehouse on a copy of the template, gone at the end of the block."""
    name = cluster.create(template)
    with warehouse_of(cluster, name) as found:
        yield found
    cluster.drop(name)

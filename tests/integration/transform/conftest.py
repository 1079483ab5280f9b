"""A warehouse with three people in it, delivered twice, and builds of both nights."""

from collections.abc import Iterator

import pytest
from cluster import Cluster, own_warehouse, warehouse_of
from delivery_maker import Warehouse
from two_nights import FIRST, SECOND, build, configure, deliver

from iom_warehouse.platform import database


@pytest.fixture(scope="session")
def both_nights(cluster: Cluster) -> str:
    """Name of the database in which the nights were built, to copy from.

    The second corrects and withdraws rows, finds two people to be one, and redefines a measure; it was built over the first,
    whose marts as they then were are kept in the schema `kept`.
    """
    name = cluster.create()
    with warehouse_of(cluster, name):
        configure()
        deliver(FIRST)
        build(FIRST)
        keep_marts()
        deliver(SECOND)
        build(SECOND)
    cluster.seal(name)
    return name


def keep_marts() -> None:
    with database.transaction("transformer") as connection, connection.cursor() as cursor:
        cursor.execute("create schema kept")
        cursor.execute("select table_schema, table_name from information_schema.tables where table_schema ~ '^mart_'")
        for schema, table in cursor.fetchall():
            cursor.execute(f'create table kept."{table}" as select * from "{schema}"."{table}"')


@pytest.fixture(scope="module")
def two_nights_built(cluster: Cluster, both_nights: str) -> Iterator[Warehouse]:
    """A warehouse in which both nights were built, for the tests of a module."""
    with own_warehouse(cluster, both_nights) as found:
        yield found


@pytest.fixture
def reader(two_nights_built: Warehouse) -> Iterator[database.Connection]:
    connection = database.connect("transformer")
    connection.autocommit = True
    yield connection
    connection.close()

"""A warehouse with three people in it, delivered twice, and builds of both nights."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from two_nights import FIRST, SECOND, Night, build, configure, deliver

from iom_warehouse import contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.settings import settings


@pytest.fixture(scope="package")
def warehouse() -> Iterator[None]:
    """A server with all migrations and raw tables, in a state directory that the server's own user may enter."""
    state = Path(tempfile.mkdtemp(prefix="iom-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOM_STATE_DIR", str(state))
        settings.cache_clear()
        postgres_server.start()
        migrations.migrate()
        with database.transaction("owner") as owner:
            ddl.apply(owner, contracts.all())
        yield
        postgres_server.stop("immediate")
    settings.cache_clear()
    shutil.rmtree(state)


@pytest.fixture
def reader(warehouse: None) -> Iterator[database.Connection]:
    connection = database.connect("transformer")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture(scope="package")
def first_night(warehouse: None) -> Night:
    """The first night, delivered and built; its marts as they then were are kept in the schema `kept`."""
    configure()
    deliver(FIRST)
    build(FIRST)
    with database.transaction("transformer") as connection, connection.cursor() as cursor:
        cursor.execute("create schema kept")
        cursor.execute("select table_schema, table_name from information_schema.tables where table_schema ~ '^mart_'")
        for schema, table in cursor.fetchall():
            cursor.execute(f'create table kept."{table}" as select * from "{schema}"."{table}"')
    return FIRST


@pytest.fixture(scope="package")
def second_night(first_night: Night) -> Night:
    """The second night: rows corrected and withdrawn, two people found to be one, a measure redefined. Built over the first."""
    deliver(SECOND)
    build(SECOND)
    return SECOND

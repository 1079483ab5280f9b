"""A warehouse with the tables of every contract, and the feeds of people to deliver into it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from feeds_of_people import Feeds

from iom_warehouse import configuration, contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.settings import settings


@pytest.fixture(scope="package")
def warehouse() -> Iterator[None]:
    """A server with migrations, raw tables and the default configuration, in a state directory that its own user may enter."""
    state = Path(tempfile.mkdtemp(prefix="iom-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOM_STATE_DIR", str(state))
        settings.cache_clear()
        postgres_server.start()
        migrations.migrate()
        with database.transaction("owner") as owner:
            ddl.apply(owner, contracts.all())
        with database.session("owner") as owner:
            configuration.apply(settings().configuration_dir, owner)
        yield
        postgres_server.stop("immediate")
    settings.cache_clear()
    shutil.rmtree(state)


@pytest.fixture
def owner(warehouse: None) -> Iterator[database.Connection]:
    connection = database.connect("owner")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def linker(warehouse: None) -> Iterator[database.Connection]:
    connection = database.connect("linker")
    yield connection
    connection.close()


@pytest.fixture
def feeds(owner: database.Connection, linker: database.Connection) -> Feeds:
    """Feeds that have delivered nothing yet, and nobody in `identity`."""
    feeds = Feeds(owner, linker)
    feeds.clear()
    return feeds

"""A warehouse with the tables of every contract, and the feeds of people to deliver into it."""

from collections.abc import Iterator

import pytest
from delivery_maker import Warehouse
from feeds_of_people import Feeds

from iom_warehouse.platform import database


@pytest.fixture
def owner(shared_warehouse: Warehouse) -> Iterator[database.Connection]:
    connection = database.connect("owner")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def linker(shared_warehouse: Warehouse) -> Iterator[database.Connection]:
    connection = database.connect("linker")
    yield connection
    connection.close()


@pytest.fixture
def feeds(owner: database.Connection, linker: database.Connection) -> Feeds:
    """Feeds that have delivered nothing yet, and nobody in `identity`."""
    feeds = Feeds(owner, linker)
    feeds.clear()
    return feeds

"""A warehouse with the tables of every contract, and the feeds of people to deliver into it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from delivery_maker import Warehouse
from feeds_of_people import Feeds

from iom_warehouse import access, configuration
from iom_warehouse.linkage import LinkageResult
from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.settings import settings


@pytest.fixture(scope="module")
def configured_warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """The module's warehouse with the default configuration: nicknames and bad values."""
    with database.session("owner") as owner:
        configuration.apply(settings().configuration_dir, owner)
    return shared_warehouse


@pytest.fixture
def owner(configured_warehouse: Warehouse) -> Iterator[database.Connection]:
    connection = database.connect("owner")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def linker(configured_warehouse: Warehouse) -> Iterator[database.Connection]:
    connection = database.connect("linker")
    yield connection
    connection.close()


@pytest.fixture
def feeds(owner: database.Connection, linker: database.Connection) -> Feeds:
    """Feeds that have delivered nothing yet, and nobody in `identity`."""
    feeds = Feeds(owner, linker)
    feeds.clear()
    return feeds


@pytest.fixture
def every_run_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each run every group has a key of its own and no record is in two, as of that run and as of each before it."""
    link = Feeds.link

    def link_and_check(feeds: Feeds, *args: Any, **vintage: Any) -> LinkageResult:
        result = link(feeds, *args, **vintage)
        assert feeds.unequal_runs() == []
        return result

    monkeypatch.setattr(Feeds, "link", link_and_check)


@pytest.fixture(scope="module")
def logins(configured_warehouse: Warehouse) -> None:
    """The people of the default configuration may log in."""
    with database.session("owner") as owner:
        access.apply(owner)


@pytest.fixture
def steward(logins: None) -> Iterator[database.Connection]:
    """A connection as the sample's steward."""
    with as_person("sample_steward") as connection:
        yield connection


def as_person(login: str) -> AbstractContextManager[database.Connection]:
    """A connection as a person with the password that was made for the login."""
    return database.session_of_person(login, secrets.read(f"people/{login}"))

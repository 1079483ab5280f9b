"""What IOM_DATABASE_URL may hold, and what becomes of it in keywords and URLs."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg2.extensions import parse_dsn
from surroundings import environment
from yoyo.connections import parse_uri

from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError


@pytest.fixture
def passwords(tmp_path: Path) -> Iterator[None]:
    with environment(state_dir=tmp_path):
        secrets.write("iom_owner", "p@ss/w:rd%")
        yield


def asked(url: str) -> dict[str, str | int]:
    with environment(database_url=url):
        return database.dsn("owner")


def as_url(url: str) -> str:
    with environment(database_url=url):
        return database.url("owner")


OPTIONS = "sslmode=verify-full&sslrootcert=/etc/our%20ca.pem&sslcert=c.pem&sslkey=k.pem&channel_binding=require&connect_timeout=7"


@pytest.mark.usefixtures("passwords")
def test_options_of_the_connection_go_through() -> None:
    given = f"postgresql://admin@db.example:6543/iom?{OPTIONS}"
    found = asked(given)
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-full", "/etc/our ca.pem")
    assert parse_dsn(as_url(given)) == {name: str(value) for name, value in found.items()}  # libpq reads the same from the URL
    assert parse_uri(as_url(given)).args["sslrootcert"] == "/etc/our ca.pem"
    with environment(database_url=given):
        assert database.client_environment()["PGSSLMODE"] == "verify-full"


@pytest.mark.usefixtures("passwords")
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("postgresql://admin@db/iom?options=-cstatement_timeout=0", "options"),
        ("postgresql://admin:very-secret@db/iom", "password"),
        ("postgresql://admin@db:port/iom", "no URL"),
    ],
)
def test_what_would_be_dropped_or_shown_is_refused(given: str, says: str) -> None:
    with pytest.raises(IomError, match=says) as refused:
        asked(given)
    assert "very-secret" not in str(refused.value)


@pytest.mark.usefixtures("passwords")
def test_an_ipv6_host_stands_in_brackets() -> None:
    given = "postgresql://admin@[2001:db8::7]/iom"
    assert asked(given)["host"] == "2001:db8::7"
    assert (urlsplit(as_url(given)).hostname, urlsplit(as_url(given)).port) == ("2001:db8::7", 5432)

"""Connections: each stage connects as its own role, to the embedded server or to the one the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import postgres_server, secrets
from iom_warehouse.platform.settings import settings

STAGE_ROLES = ("owner", "loader", "linker", "transformer", "publisher")
DATABASE = "iom"


def dsn(role: str) -> dict[str, str | int]:
    """libpq keywords (host, port, user, password, dbname) for a stage's role, or for `admin`, who makes roles and databases."""
    server, admin = _server()
    user = admin if role == "admin" else f"iom_{role}"
    return server | {"user": user, "password": secrets.read(user)}


def url(role: str, driver: str = "postgresql") -> str:
    """The same as an URL, for libraries that want one; it holds the password, so it is never logged."""
    part = dsn(role)
    return f"{driver}://{part['user']}:{part['password']}@{part['host']}:{part['port']}/{part['dbname']}"


def connect(role: str, **overrides: str | int) -> Connection:
    """A psycopg2 connection as a stage's role; its time-outs and memory are set on the role."""
    return psycopg2.connect(**(dsn(role) | {"application_name": f"iom_{role}"} | overrides))


@contextmanager
def session(role: str) -> Iterator[Connection]:
    """One connection, closed at the end; its user decides when a transaction ends."""
    conn = connect(role)
    try:
        yield conn
    finally:
        conn.close()


@contextmanager
def transaction(role: str) -> Iterator[Connection]:
    """One connection, one transaction: committed at the end, rolled back on an error, closed either way."""
    with session(role) as conn, conn:
        yield conn


def _server() -> tuple[dict[str, str | int], str]:
    """Where the server is, and the login that makes roles and databases there. Passwords are files, never part of an URL."""
    given = settings().database_url
    if not given:
        return {"host": "127.0.0.1", "port": postgres_server.port(), "dbname": DATABASE}, postgres_server.ADMIN
    parts = urlsplit(given)
    where: dict[str, str | int] = {"host": parts.hostname or "127.0.0.1", "port": parts.port or 5432}
    return where | {"dbname": parts.path.lstrip("/") or DATABASE}, unquote(parts.username or postgres_server.ADMIN)

"""Connections: each stage connects as its own role, to the embedded server or to the one the settings name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg2
from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import postgres_server, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

STAGE_ROLES = ("owner", "loader", "linker", "transformer", "publisher", "display")
DATABASE = "iom"
ENDED_BY_SERVER = ("57P01", "57P02", "57P03")  # it shuts down, has crashed, or is only starting
# How a connection is made: what IOM_DATABASE_URL may ask for, and the variable by which every PostgreSQL client is asked.
CONNECTION_OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def dsn(role: str) -> dict[str, str | int]:
    """libpq keywords for a stage's role, or for `admin`, who makes roles and databases.

    These are host, port, user, password and dbname, and the CONNECTION_OPTIONS that IOM_DATABASE_URL gives.
    """
    server, admin = _server()
    user = admin if role == "admin" else f"iom_{role}"
    return server | {"user": user, "password": secrets.read(user)}


def url(role: str, driver: str = "postgresql") -> str:
    """The same as an URL, for libraries that want one; it holds the password, so it is never logged."""
    part = dsn(role)
    options = urlencode({name: part[name] for name in CONNECTION_OPTIONS if name in part}, quote_via=quote)
    return url_of(part, driver) + (f"?{options}" if options else "")


def url_of(part: Mapping[str, str | int], driver: str) -> str:
    """The URL of a login, server and database, without options."""
    user, password, database = (quote(str(part[name]), safe="") for name in ("user", "password", "dbname"))
    host = f"[{part['host']}]" if ":" in str(part["host"]) else part["host"]
    return f"{driver}://{user}:{password}@{host}:{part['port']}/{database}"


def client_environment() -> dict[str, str]:
    """The options of IOM_DATABASE_URL as variables, for programs that are told host and login only."""
    server, _ = _server()
    return {variable: str(server[name]) for name, variable in CONNECTION_OPTIONS.items() if name in server}


def connect(role: str, **overrides: str | int) -> Connection:
    """A psycopg2 connection as a stage's role; its time-outs and memory are set on the role."""
    return psycopg2.connect(**(dsn(role) | {"application_name": f"iom_{role}"} | overrides))


def is_gone(error: BaseException) -> bool:
    """Whether the server did not answer or ended the connection, rather than refuse a statement."""
    cause = getattr(error, "orig", error)  # SQLAlchemy has an error of its own around that of the driver
    return isinstance(cause, psycopg2.InterfaceError) or (
        isinstance(cause, psycopg2.OperationalError) and cause.pgcode in (None, *ENDED_BY_SERVER)
    )


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


@contextmanager
def session_alone(role: str, what: str) -> Iterator[Connection]:
    """The same while no other process has one of that name; another waits for its end. The lock goes with the connection."""
    with _asking_for_lock(role, "select pg_advisory_lock(hashtext(%s))", what) as (conn, _):
        yield conn


@contextmanager
def alone(role: str, what: str) -> Iterator[bool]:
    """Whether no other process has one of that name. If so, none has until the end of the block. Nobody waits."""
    with _asking_for_lock(role, "select pg_try_advisory_lock(hashtext(%s))", what) as (_, is_alone):
        yield bool(is_alone)


@contextmanager
def _asking_for_lock(role: str, statement: str, what: str) -> Iterator[tuple[Connection, Any]]:
    """A session that has asked for the lock of a name, and the answer."""
    with session(role) as conn:
        with conn, conn.cursor() as cursor:
            cursor.execute(statement, (what,))
            (answer,) = cursor.fetchone()
        yield conn, answer


@contextmanager
def session_of_person(login: str, password: str) -> Iterator[Connection]:
    """A connection as a person with a login of their own, closed at the end. Raises IomError when they are not let in."""
    server, _ = _server()
    try:
        conn = psycopg2.connect(**server, user=login, password=password, application_name="iom_person")
    except psycopg2.OperationalError:
        raise IomError(
            f"The database did not let {login} in, or does not run.",
            "Check login and password; `iom access` makes the logins of people_access.csv.",
        ) from None
    try:
        yield conn
    finally:
        conn.close()


def _server() -> tuple[dict[str, str | int], str]:
    """Where the server is, and the login that makes roles and databases there. Passwords are files, never part of an URL."""
    given = settings().database_url
    if not given:
        return {"host": "127.0.0.1", "port": postgres_server.port(), "dbname": DATABASE}, postgres_server.ADMIN
    try:
        parts = urlsplit(given)
        where: dict[str, str | int] = {"host": parts.hostname or "127.0.0.1", "port": parts.port or 5432}
    except ValueError:
        raise IomError("IOM_DATABASE_URL is no URL.", "Write it as postgresql://LOGIN@HOST:PORT/DATABASE") from None
    if parts.password is not None:
        raise IomError("IOM_DATABASE_URL holds a password.", f"Take it out, and put it into a file in {settings().secrets_dir}.")
    where["dbname"] = unquote(parts.path.lstrip("/")) or DATABASE
    return where | _options(parts.query), unquote(parts.username or postgres_server.ADMIN)


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(set(options) - set(CONNECTION_OPTIONS)):
        raise IomError(f"IOM_DATABASE_URL asks for {', '.join(unknown)}.", f"It may ask for {', '.join(CONNECTION_OPTIONS)}.")
    return options
